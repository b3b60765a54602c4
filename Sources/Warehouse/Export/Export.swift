import Postgres
import SQLite
import Support

/// Exports any table or view: `netflix export`. Rows are sorted by all their columns and written one by one, so memory use is constant.
package enum Export {
  /// Exports a table or view of Postgres.
  /// - Parameters:
  ///   - relation: a table or view, optionally with its schema.
  ///   - safeCells: see ``Swift/String/safeCell``; only for CSV.
  ///   - write: receives the text in pieces.
  /// - Returns: rows written.
  @discardableResult
  package static func run(
    _ relation: String, from connection: PostgresConnection, as format: ExportFormat, safeCells: Bool = false,
    write: @escaping (String) throws -> Void
  ) throws -> Int {
    let quoted = try connection.quoteTable(relation)
    guard try connection.query("SELECT to_regclass($1)", [quoted]).firstValue != nil else {
      let known = try connection.query(
        """
        SELECT table_name FROM information_schema.tables WHERE table_schema = ANY (current_schemas(false)) ORDER BY 1
        """)
      throw missing(relation, in: connection.endpoint, known: known.compactMap { $0[0] })
    }
    let columns = try connection.query("SELECT * FROM \(quoted) LIMIT 0").columns
    var writer = try ExportWriter(format: format, columns: columns, safeCells: safeCells, write: write)
    try connection.forEachRow("SELECT * FROM \(quoted)\(try order(by: columns, of: quoted, connection))") { row in
      try writer.add(columns.indices.map { value(row, $0) })
    }
    try writer.finish()
    return writer.rows
  }

  /// An ORDER BY of all columns. A column whose type has no order, such as json, is sorted as text.
  private static func order(by columns: [String], of table: String, _ connection: PostgresConnection) throws -> String {
    guard !columns.isEmpty else { return "" }
    let order = " ORDER BY " + columns.indices.map { String($0 + 1) }.joined(separator: ", ")
    do throws(PostgresError) {
      try connection.query("SELECT * FROM \(table)\(order) LIMIT 0")
      return order
    } catch {
      guard error.sqlstate == SQLState.undefinedFunction else { throw error }
    }
    let names = try columns.map(connection.quoteIdentifier)
    return " ORDER BY " + names.map { $0 + "::text" }.joined(separator: ", ")
  }

  /// Exports a table or view of SQLite; the parameters and the result are the same.
  @discardableResult
  package static func run(
    _ relation: String, from database: SQLiteDatabase, as format: ExportFormat, safeCells: Bool = false,
    write: @escaping (String) throws -> Void
  ) throws -> Int {
    let known = try database.query(
      "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%' ORDER BY name")
    guard known.contains(where: { $0[0] == relation }) else {
      throw missing(relation, in: database.file, known: known.compactMap { $0[0] })
    }
    let quoted = SQLiteDatabase.quoteIdentifier(relation)
    let shape = try database.prepare("SELECT * FROM \(quoted)")
    let columns = (0..<shape.columnCount).map(shape.columnName)
    var writer = try ExportWriter(format: format, columns: columns, safeCells: safeCells, write: write)
    let order = columns.indices.map { String($0 + 1) }.joined(separator: ", ")
    let statement = try database.prepare("SELECT * FROM \(quoted) ORDER BY \(order)")
    while try statement.step() {
      try writer.add(columns.indices.map { value(statement, $0) })
    }
    try writer.finish()
    return writer.rows
  }

  private static func missing(_ relation: String, in location: String, known: [String]) -> WarehouseError {
    WarehouseError(
      .missing, "\(location) has no table or view \(relation)",
      hint: known.isEmpty ? "it has none; netflix etl creates them" : "it has \(known.joined(separator: ", "))")
  }

  private static func value(_ row: PostgresRowView, _ column: Int) -> ExportValue {
    guard let text = row[column] else { return .null }
    switch row.kind(column) {
    // JSON has neither NaN nor infinity.
    case .number: return text.utf8.contains { $0 > UInt8(ascii: "I") } && Double(text)?.isFinite != true ? .text(text) : .number(text)
    case .boolean: return .boolean(text == "t")
    case .other: return .text(text)
    }
  }

  private static func value(_ statement: SQLiteStatement, _ column: Int) -> ExportValue {
    guard let text = statement.text(column) else { return .null }
    return statement.isNumber(column) ? .number(text) : .text(text)
  }
}

/// The output formats of an export.
package enum ExportFormat: String, Sendable, CaseIterable {
  /// RFC 4180 with a header; NULL is an empty cell, empty text is `""`.
  case csv
  /// One array of objects, one row per line; numbers keep their digits, NULL is null.
  case json
}

/// One value of an exported row.
enum ExportValue {
  case null
  /// The number's spelling.
  case number(String)
  case boolean(Bool)
  case text(String)

  var json: JSON {
    switch self {
    case .null: .null
    case .number(let text): .number(text)
    case .boolean(let value): .bool(value)
    case .text(let text): .string(text)
    }
  }
}

/// Writes rows of named columns in one of the formats, by calling a function with the text.
struct ExportWriter {
  let format: ExportFormat
  let columns: [String]
  /// In CSV: escape text that a spreadsheet would read as a formula.
  let safeCells: Bool
  let write: (String) throws -> Void
  private(set) var rows = 0

  init(format: ExportFormat, columns: [String], safeCells: Bool, write: @escaping (String) throws -> Void) throws {
    self.format = format
    self.columns = columns
    self.safeCells = safeCells
    self.write = write
    switch format {
    case .csv: try write(columns.map(quoted).joined(separator: ",") + "\n")
    case .json: try write("[")
    }
  }

  mutating func add(_ values: [ExportValue]) throws {
    switch format {
    case .csv: try write(values.map(csv).joined(separator: ",") + "\n")
    case .json:
      let object = JSON.object(zip(columns, values).map { ($0, $1.json) })
      try write((rows == 0 ? "\n" : ",\n") + object.line)
    }
    rows += 1
  }

  func finish() throws {
    if format == .json { try write("\n]\n") }
  }

  private func csv(_ value: ExportValue) -> String {
    switch value {
    case .null: ""
    case .number(let text): text
    case .boolean(let value): value ? "true" : "false"
    case .text(let text): text.isEmpty ? "\"\"" : quoted(text)
    }
  }

  private func quoted(_ text: String) -> String {
    let text = safeCells ? text.safeCell : text
    guard text.utf8.contains(where: { $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "\"") || $0 == 10 || $0 == 13 }) else { return text }
    return "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
  }
}

extension String {
  /// The text for a spreadsheet: with a leading apostrophe if it would be read as a formula; numbers are unchanged.
  package var safeCell: String {
    guard let first = utf8.first, "=+-@\t\r".utf8.contains(first), wholeMatch(of: /[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?/) == nil else {
      return self
    }
    return "'" + self
  }
}
