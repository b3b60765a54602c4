/// A first description of a CSV, inferred from all of its bytes.
public enum Describe {
  /// What was inferred.
  public struct Result: Sendable, Equatable {
    /// The description, as a Data Package.
    public let json: String
    /// What a person should know or decide, a sentence each: an ambiguous date, a key that was chosen.
    public let notes: [String]
    public let rows: Int
  }

  /// Reads the CSV to its end and describes it.
  /// - Parameters:
  ///   - source: the file's path; its last part becomes the resource's path and name.
  ///   - read: as RowReader takes it.
  /// - Throws: DatasetError where the file is no CSV with a header, or what reading threw.
  public static func describe(source: String, read: @escaping (inout [UInt8]) throws -> Int) throws -> Result {
    var head = try HeaderSniffer(source: source, read: read)
    let fields = head.headers.enumerated().map { index, header in
      Field(header: header, column: "column_\(index)", type: .string, missingValues: [])
    }
    var dialect = Dialect()
    dialect.delimiter = head.delimiter
    let resource = Resource(name: "described", path: source, dialect: dialect, fields: fields)
    // The header is read anew, with the delimiter that was found.
    var replay = head.takeBytes()[...]
    var reader = RowReader(resource: resource, source: source) { chunk in
      if replay.isEmpty { return try read(&chunk) }
      let count = min(chunk.count, replay.count)
      chunk.replaceSubrange(..<count, with: replay.prefix(count))
      replay = replay.dropFirst(count)
      return count
    }
    var guesses = head.headers.enumerated().map { ColumnGuess(header: $1, isFirst: $0 == 0, delimiter: head.delimiter) }
    var row = Row()
    var rows = 0
    loop: while true {
      switch try reader.next(into: &row) {
      case .row:
        rows += 1
        let text = row.text
        for index in guesses.indices { guesses[index].add(text.span, row.cells[index].range) }
      case .bad(let bad):
        throw DatasetError(
          .data, bad.reason.text, file: source, line: bad.line, column: bad.column, advice: "mend the file first, then describe it")
      case .end: break loop
      }
    }
    return DescriptionWriter(source: source, delimiter: head.delimiter, guesses: guesses, rows: rows).result()
  }
}
