import CSQLite

/// A compiled statement: bind, step, read the columns; it is reset by the next bind and freed with the object.
public final class SQLiteStatement {
  private let database: SQLiteDatabase
  private let handle: OpaquePointer

  init(database: SQLiteDatabase, handle: OpaquePointer) {
    self.database = database
    self.handle = handle
  }

  deinit { sqlite3_finalize(handle) }

  /// Makes it ready to run again; what was bound stays.
  public func reset() { sqlite3_reset(handle) }

  /// Resets it and binds all parameters in their order.
  public func bind(_ values: [SQLiteValue]) throws(SQLiteError) {
    reset()
    for (index, value) in values.enumerated() { try bind(index, value) }
  }

  /// Binds one parameter, counted from 0.
  public func bind(_ index: Int, _ value: SQLiteValue) throws(SQLiteError) {
    switch value {
    case .null: try check(sqlite3_bind_null(handle, Int32(index + 1)))
    case .integer(let number): try bind(index, integer: number)
    case .text(let text):
      var text = text
      let code = text.withUTF8 { Self.bindText(handle, Int32(index + 1), UnsafeRawBufferPointer($0)) }
      try check(code)
    }
  }

  public func bind(_ index: Int, integer: Int64) throws(SQLiteError) { try check(sqlite3_bind_int64(handle, Int32(index + 1), integer)) }

  /// Binds UTF-8 text from a buffer; it is copied.
  public func bind(_ index: Int, utf8: UnsafeRawBufferPointer) throws(SQLiteError) {
    try check(Self.bindText(handle, Int32(index + 1), utf8))
  }

  private static func bindText(_ handle: OpaquePointer, _ index: Int32, _ text: UnsafeRawBufferPointer) -> Int32 {
    // SQLITE_TRANSIENT: SQLite makes its own copy. An empty buffer may have no address, which would mean NULL.
    let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
    guard let start = text.baseAddress else { return sqlite3_bind_text(handle, index, "", 0, transient) }
    return sqlite3_bind_text64(handle, index, start.assumingMemoryBound(to: CChar.self), UInt64(text.count), transient, UInt8(SQLITE_UTF8))
  }

  /// Goes to the next row; false at the end.
  public func step() throws(SQLiteError) -> Bool {
    let code = sqlite3_step(handle)
    switch code {
    case SQLITE_ROW: return true
    case SQLITE_DONE: return false
    default:
      let error = database.failure(code)
      reset()
      throw error
    }
  }

  /// Runs it to its end and makes it ready to run again: for a statement without rows.
  public func run() throws(SQLiteError) {
    while try step() {}
    reset()
  }

  public var columnCount: Int { Int(sqlite3_column_count(handle)) }

  public func columnName(_ column: Int) -> String { sqlite3_column_name(handle, Int32(column)).map { String(cString: $0) } ?? "" }

  public func isNull(_ column: Int) -> Bool { sqlite3_column_type(handle, Int32(column)) == SQLITE_NULL }

  /// True for a value that SQLite keeps as a number.
  public func isNumber(_ column: Int) -> Bool {
    let type = sqlite3_column_type(handle, Int32(column))
    return type == SQLITE_INTEGER || type == SQLITE_FLOAT
  }

  public func integer(_ column: Int) -> Int64 { sqlite3_column_int64(handle, Int32(column)) }

  /// The value as text, nil for NULL.
  public func text(_ column: Int) -> String? {
    // sqlite3_column_bytes must come after sqlite3_column_text: the text may be made by it.
    guard let start = sqlite3_column_text(handle, Int32(column)) else { return nil }
    return String(decoding: UnsafeBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, Int32(column)))), as: UTF8.self)
  }

  private func check(_ code: Int32) throws(SQLiteError) {
    guard code == SQLITE_OK else { throw database.failure(code) }
  }
}
