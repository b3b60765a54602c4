import Dataset
import Postgres
import SQLite

/// A temporary table on disk that stages rows for SQLite: one per date, with numbers as integers of their smallest unit.
final class SQLiteStagingTable {
  static let name = "temp.etl_stage"
  private let database: SQLiteDatabase
  private let sql: StarSQL
  private let insert: SQLiteStatement
  private let fields: [Int]
  /// For each field in `fields` the decimal places of its metric.
  private let places: [Int]
  private(set) var rows = 0
  /// Rows that were replaced by a later row of the same date; valid after `finish`.
  private(set) var superseded = 0

  init(database: SQLiteDatabase, sql: StarSQL) throws {
    self.database = database
    self.sql = sql
    fields = sql.usedFields
    places = fields.map { field in sql.metric(ofField: field).flatMap { sql.star.metrics[$0].decimals } ?? 0 }
    let columns = try fields.map { try sql.name(sql.resource.fields[$0].column) }
    // On disk, not in memory, regardless of SQLite's build options.
    try database.execute("PRAGMA temp_store = FILE; DROP TABLE IF EXISTS \(Self.name)")
    try database.execute(
      "CREATE TABLE \(Self.name) (\(columns[0]) TEXT PRIMARY KEY, \(columns.dropFirst().map { $0 + " INTEGER" }.joined(separator: ", "))) "
        + "WITHOUT ROWID")
    let insertion = sql.resource.isKeyedByDate ? "INSERT OR REPLACE" : "INSERT"
    insert = try database.prepare("\(insertion) INTO \(Self.name) VALUES (\(columns.map { _ in "?" }.joined(separator: ", ")))")
    try database.execute("BEGIN")
  }

  /// Adds a row of a CSV.
  func add(_ row: Row) throws {
    guard row.cells[fields[0]].kind == .date else { throw WarehouseError(.data, "a row without a date") }
    try insert.bind(0, .text(Day(row.cells[fields[0]].payload).iso))
    for (index, field) in fields.enumerated().dropFirst() {
      try bind(index, try FixedDecimal.of(row.cells[field], in: row))
    }
    do throws(SQLiteError) {
      try run()
    } catch {
      guard error.kind == .constraint else { throw error }
      throw sql.resource.severalRows(Day(row.cells[fields[0]].payload).iso)
    }
  }

  /// Adds a landed row, its columns in the order of `usedFields`.
  func add(_ row: PostgresRowView) throws {
    guard let date = row[0] else { throw WarehouseError(.data, "a landed row without a date") }
    try insert.bind(0, .text(date))
    for index in fields.indices.dropFirst() {
      guard let bytes = row.bytes(index) else {
        try bind(index, nil)
        continue
      }
      guard let amount = FixedDecimal(bytes) else { throw tooLarge(index, String(decoding: bytes, as: UTF8.self), date) }
      try bind(index, amount)
    }
    try run()
  }

  func finish() throws {
    try database.execute("COMMIT")
    superseded = rows - Int(try database.integer("SELECT count(*) FROM \(Self.name)"))
  }

  func drop() {
    if database.isInTransaction { try? database.execute("ROLLBACK") }
    try? database.execute("DROP TABLE IF EXISTS \(Self.name)")
  }

  private func bind(_ index: Int, _ amount: FixedDecimal?) throws {
    guard let amount else { return try insert.bind(index, .null) }
    guard let exact = amount.rescaled(to: places[index]) else { throw tooLarge(index, amount.text, nil) }
    try insert.bind(index, integer: exact.unscaled)
  }

  private func run() throws(SQLiteError) {
    try insert.run()
    rows += 1
  }

  private func tooLarge(_ index: Int, _ value: String, _ date: String?) -> WarehouseError {
    let column = sql.resource.fields[fields[index]].column
    return WarehouseError(
      .data, "\(date.map { $0 + ": " } ?? "")\(column): \(value) is not a number of \(places[index]) decimal places within 64 bits",
      advice: places[index] > 0 ? "raise \"decimals\" of the field in the description, or fix the value" : "fix the value")
  }
}
