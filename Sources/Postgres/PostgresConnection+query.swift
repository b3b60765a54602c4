import CLibPQ

extension PostgresConnection {
  /// Runs one or more statements (several are one transaction, unless they contain transaction commands).
  ///
  /// - Returns: number of rows that the last statement affected.
  /// - Throws: `PostgresError`.
  @discardableResult
  public func execute(_ sql: String) throws(PostgresError) -> Int {
    let handle = try handle()
    try Self.checkText(sql)
    return try run(handle, sql).affected
  }

  /// Runs a statement that is not a COPY.
  func run(_ handle: OpaquePointer, _ sql: String) throws(PostgresError) -> PostgresResult {
    let result = try roundTrip(handle) { PQsendQuery(handle, sql) }
    if Self.isCopy(result.status) {
      endCopy(handle, of: result.status)
      throw PostgresError(kind: .internal, message: "a COPY was run as a plain statement")
    }
    try result.check(handle)
    return result
  }

  /// Runs one statement with text parameters; nil is NULL.
  ///
  /// - Throws: `PostgresError`.
  @discardableResult
  public func query(_ sql: String, _ parameters: [String?] = []) throws(PostgresError) -> PostgresRows {
    try query(sql, parameters: parameters.map { PostgresParameter($0) })
  }

  /// Runs one statement with text and bytea parameters. The server infers the types of `$1`, `$2` and so on from their use.
  ///
  /// - Throws: `PostgresError`, of kind `data` for a text with U+0000.
  @discardableResult
  public func query(_ sql: String, parameters: [PostgresParameter]) throws(PostgresError) -> PostgresRows {
    let handle = try handle()
    try Self.checkText(sql)
    for case .text(let text) in parameters { try Self.checkText(text) }
    let result = try roundTrip(handle) {
      Self.withParameters(parameters) { count, values, lengths, formats in
        PQsendQueryParams(handle, sql, count, nil, values, lengths, formats, 0)
      }
    }
    if Self.isCopy(result.status) {
      endCopy(handle, of: result.status)
      throw PostgresError(kind: .internal, message: "a COPY was run as a plain statement")
    }
    try result.check(handle)
    return result.rows()
  }

  typealias Values = UnsafePointer<UnsafePointer<CChar>?>

  static func withParameters<T>(
    _ parameters: [PostgresParameter],
    _ body: (_ count: Int32, Values?, _ lengths: UnsafePointer<Int32>, _ formats: UnsafePointer<Int32>) -> T
  ) -> T {
    // One buffer for all values, so that the pointers into it are valid for the duration of the call.
    var bytes: [CChar] = []
    var places: [(start: Int, count: Int)?] = []
    var formats: [Int32] = []
    for parameter in parameters {
      switch parameter {
      case .null:
        places.append(nil)
        formats.append(0)
      case .text(let text):
        places.append((bytes.count, text.utf8.count))
        bytes.append(contentsOf: text.utf8.lazy.map { CChar(bitPattern: $0) })
        bytes.append(0)
        formats.append(0)
      case .bytes(let value):
        places.append((bytes.count, value.count))
        bytes.append(contentsOf: value.lazy.map { CChar(bitPattern: $0) })
        bytes.append(0)
        formats.append(1)
      }
    }
    let lengths = places.map { Int32(clamping: $0?.count ?? 0) }
    return bytes.withUnsafeBufferPointer { buffer in
      let values = places.map { place in place.flatMap { place in buffer.baseAddress.map { $0 + place.start } } }
      return values.withUnsafeBufferPointer { values in
        body(Int32(parameters.count), values.baseAddress, lengths, formats)
      }
    }
  }

  /// Rejects text with U+0000: Postgres does not support it, and as a C string it would be truncated there.
  static func checkText(_ text: String) throws(PostgresError) {
    guard text.utf8.contains(0) else { return }
    throw PostgresError(kind: .data, sqlstate: "22021", message: "text contains U+0000, which Postgres does not support")
  }
}
