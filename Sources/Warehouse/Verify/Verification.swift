import Dataset
import Postgres

/// A comparison of a CSV's rows with the landed rows, by the values of their cells (16 equals 16.0): `netflix verify`.
public struct Verification: Sendable, Equatable {
  /// A difference between the CSV and the table.
  public enum Difference: Sendable, Equatable {
    /// A row of the CSV that has not landed.
    case missing(key: String, line: Int?)
    /// A landed row that is not in the CSV.
    case extra(key: String)
    /// A cell that differs; nil is NULL.
    case cell(key: String, line: Int?, column: String, csv: String?, landed: String?)
    /// A row with different numbers of occurrences; with a key, several landed rows of a key that the CSV has once.
    case count(row: String, csv: Int, landed: Int)
    /// A rejected record of the CSV.
    case bad(line: Int, column: Int, reason: String)
  }

  /// The CSV's name.
  public let place: String
  /// The table of landed rows.
  public let table: String
  /// Rows of the CSV, including those counted in `superseded`.
  public let rows: Int
  /// Rows of the CSV that were replaced by a later row of the same key.
  public let superseded: Int
  /// Landed rows.
  public let landed: Int
  /// The first differences, up to the requested limit.
  public let differences: [Difference]
  /// The number of all differences.
  public let differenceCount: Int

  /// True if there is no difference.
  public var holds: Bool { differenceCount == 0 }

  /// Compares in Postgres, with temporary tables of this session, so memory use does not depend on the number of rows.
  /// - Parameters:
  ///   - rows: the CSV's rows.
  ///   - bad: its rejected records, filled while `rows` is read.
  ///   - limit: the most differences to keep.
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
