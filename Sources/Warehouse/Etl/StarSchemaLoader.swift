import Dataset
import Postgres
import SQLite

/// Loads a warehouse from a source: `netflix etl`.
///
/// It is one transaction: readers see the old warehouse or the new one. Running it again on the same rows changes nothing. Rows go through a temporary
/// table in the target database, so memory use does not depend on their number.
public enum StarSchemaLoader {
  /// The result of a run.
  public struct Outcome: Sendable, Equatable {
    /// Where the rows came from.
    public let origin: Provenance
    /// Rows that were replaced by a later row of the same date.
    public let superseded: Int
    /// Rows of `dim_date`.
    public let dates: Int
    /// Rows of `dim_region`.
    public let regions: Int
    /// Rows of the fact table.
    public let facts: Int
  }

  /// - Throws: `.layout` where the description has no star, or one that cannot be made: nothing is opened or made for it then.
  public static func check(_ resource: Resource) throws { _ = try resource.requireStar() }

  /// From a CSV into a SQLite file.
  /// - Parameter replacesOther: the warehouse of another dataset is replaced; else it ends the run. As in the other three.
  @discardableResult
  public static func run(_ rows: some RowSource, into database: SQLiteDatabase, replacesOther: Bool = false) throws -> Outcome {
    try SQLiteEtl(database: database, resource: rows.resource, replacesOther: replacesOther).run { stage in
      try rows.forEachRow { row, line in
        do { try stage.add(row) } catch let error as WarehouseError { throw placed(error, rows.place, line) }
      }
      return Provenance(kind: .csv, place: rows.place, rows: stage.rows)
    }
  }

  /// From a CSV into Postgres.
  @discardableResult
  public static func run(_ rows: some RowSource, into connection: PostgresConnection, replacesOther: Bool = false) throws -> Outcome {
    try PostgresEtl(connection: connection, resource: rows.resource, replacesOther: replacesOther).run(rows)
  }

  /// From the landed rows into tables beside them.
  @discardableResult
  public static func run(
    landedIn connection: PostgresConnection, table: String, resource: Resource, replacesOther: Bool = false
  ) throws -> Outcome {
    try PostgresEtl(connection: connection, resource: resource, replacesOther: replacesOther).run(landedTable: table)
  }

  /// From the landed rows into a SQLite file.
  @discardableResult
  public static func run(
    landedIn connection: PostgresConnection, table: String, resource: Resource, into database: SQLiteDatabase,
    replacesOther: Bool = false, progress: (Int) -> Void = { _ in }
  ) throws -> Outcome {
    try SQLiteEtl(database: database, resource: resource, replacesOther: replacesOther).run { stage in
      let source = try StarSQL(PostgresSession(connection: connection), resource)
      try connection.forEachRow(try RawTable.rows(table, source, connection)) { row in
        try stage.add(row)
        if stage.rows & 0xfff == 0 { progress(stage.rows) }
      }
      return Provenance(kind: .landed, place: "\(connection.place) \(table)", rows: stage.rows)
    }
  }

  private static func placed(_ error: WarehouseError, _ file: String, _ line: Int) -> WarehouseError {
    WarehouseError(error.kind, "\(file):\(line): \(error.message)", advice: error.advice)
  }
}

/// The table of landed rows.
enum RawTable {
  /// The table's quoted name. Throws `.missing` if it does not exist, since nothing has landed yet.
  static func requireTable(_ table: String, _ connection: PostgresConnection) throws -> String {
    let quoted = try connection.quoteTable(table)
    guard try connection.query("SELECT to_regclass($1)", [quoted]).value != nil else {
      throw WarehouseError(.missing, "\(connection.place) has no table \(table)", advice: "land rows first: netflix-consumer --exit-at-end")
    }
    return quoted
  }

  /// A SELECT of the landed rows, one per date.
  ///
  /// - Throws: `.layout` if rows of one date differ and the date is not the key. (A row that was published twice may have landed twice.)
  static func rows(_ table: String, _ sql: StarSQL, _ connection: PostgresConnection) throws -> String {
    let quoted = try requireTable(table, connection)
    let column = sql.resource.fields[sql.star.date].column
    if sql.resource.isKeyedByDate {
      let unique = """
        SELECT 1 FROM pg_index JOIN pg_attribute ON attrelid = indrelid AND attnum = indkey[0]
        WHERE indrelid = to_regclass($1) AND indisunique AND indisvalid AND indnkeyatts = 1 AND indpred IS NULL AND attname = $2
        """
      return try sql.landedRows(table: quoted, isUnique: connection.query(unique, [quoted, column]).first != nil)
    }
    let names = try sql.resource.fields.map { try sql.name($0.column) }.joined(separator: ", ")
    let date = try sql.name(column)
    let several = "SELECT \(date) FROM \(quoted) GROUP BY 1 HAVING count(DISTINCT ROW(\(names))) > 1 ORDER BY 1 LIMIT 1"
    if let row = try connection.query(several).first, let date = row[0] { throw sql.resource.severalRows(date) }
    return try sql.landedRows(table: quoted, isUnique: false)
  }
}
