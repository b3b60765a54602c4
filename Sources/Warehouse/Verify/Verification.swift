import Dataset
import Postgres

/// A CSV's rows against the landed rows, cell by cell, as values: 16 equals 16.0. `netflix verify`.
public struct Verification: Sendable, Equatable {
  public enum Difference: Sendable, Equatable {
    /// A row of the CSV that has not landed.
    case missing(key: String, line: Int?)
    /// A landed row that the CSV does not have.
    case extra(key: String)
    /// A cell that differs; nil is NULL.
    case cell(key: String, line: Int?, column: String, csv: String?, landed: String?)
    /// How often one and the same row is there; with a key, rows of this key, of which the CSV has one.
    case count(row: String, csv: Int, landed: Int)
    /// A record of the CSV that is no row.
    case bad(line: Int, column: Int, reason: String)
  }

  public let place: String
  public let table: String
  /// Rows of the CSV; those that a later one of the same key replaced are in `superseded`.
  public let rows: Int
  public let superseded: Int
  public let landed: Int
  /// The first ones, at most as many as were asked for.
  public let differences: [Difference]
  /// All of them.
  public let differenceCount: Int

  public var holds: Bool { differenceCount == 0 }

  /// Compares. The comparison is Postgres's own, in temporary tables of this session, so memory does not grow with the rows.
  /// - Parameters:
  ///   - rows: the CSV's rows.
  ///   - bad: records of it that are no rows, filled while `rows` is read.
  ///   - limit: how many differences to keep.
  public init(
    _ rows: some RowSource, bad: () -> [RejectedRow] = { [] }, against table: String, in connection: PostgresConnection, limit: Int = 100
  ) throws {
    let comparison = try VerifySQL(resource: rows.resource, table: table, connection: connection)
    var found: [Difference] = []
    var count = 0
    func note(_ difference: Difference) {
      count += 1
      if found.count < limit { found.append(difference) }
    }
    var read = 0
    var distinct = 0
    var landed = 0
    try connection.execute("DROP TABLE IF EXISTS pg_temp.verify_csv")
    try connection.transaction { connection in
      try connection.execute(comparison.createTable)
      read = try connection.copy(rows, fields: Array(rows.resource.fields.indices), into: "verify_csv") { _, line in line }
      for row in bad() { note(.bad(line: row.line, column: row.column, reason: row.reason.text)) }
      try connection.execute("ANALYZE verify_csv")
      distinct = try connection.query(comparison.distinctRows).value.flatMap { Int($0) } ?? 0
      landed = try connection.query("SELECT count(*) FROM \(comparison.table)").value.flatMap { Int($0) } ?? 0
      if let repeated = comparison.repeatedKeys {
        let keys = rows.resource.primaryKey.count
        try connection.forEachRow(repeated) { row in
          let key = (0..<keys).map { row[$0] ?? "" }.joined(separator: ", ")
          note(.count(row: key, csv: 1, landed: row[keys].flatMap { Int($0) } ?? 0))
        }
      }
      try connection.forEachRow(comparison.differences) { row in comparison.differences(in: row).forEach(note) }
      try connection.execute("DROP TABLE verify_csv")
    }
    place = rows.place
    self.table = table
    self.rows = read
    superseded = read - distinct
    self.landed = landed
    differences = found
    differenceCount = count
  }
}
