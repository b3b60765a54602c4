import Dataset
import Postgres

/// The comparison as SQL: by key if there is one, else by the number of occurrences of each row.
struct VerifySQL {
  let resource: Resource
  /// The quoted name of the table of landed rows.
  let table: String
  private let columns: [String]
  /// The types of the table's columns without length and precision: a value that does not fit is a difference, and is not rounded.
  private let types: [String]

  init(resource: Resource, table name: String, connection: PostgresConnection) throws {
    self.resource = resource
    let table = try RawTable.requireTable(name, connection)
    self.table = table
    columns = try resource.fields.map { try connection.quoteIdentifier($0.column) }
    types = try resource.fields.map { field in
      let type = try connection.query(
        """
        SELECT format_type(atttypid, -1) FROM pg_attribute
        WHERE attrelid = to_regclass($1) AND attname = $2 AND attnum > 0 AND NOT attisdropped
        """, [table, field.column])
      guard let type = type.value else {
        throw WarehouseError(
          .layout, "table \(name) has no column \(field.column)",
          advice: "name the table that netflix-consumer created with this description")
      }
      return type
    }
  }

  private var list: String { columns.joined(separator: ", ") }
  private var key: [String] { resource.primaryKey.map { columns[$0] } }
  private var isKeyed: Bool { !resource.primaryKey.isEmpty }

  /// Creates a temporary table for the CSV's rows, with the types of the table.
  var createTable: String {
    "CREATE TEMP TABLE verify_csv (csv_line bigint, \(zip(columns, types).map { "\($0) \($1)" }.joined(separator: ", "))) ON COMMIT DROP"
  }

  var distinctRows: String {
    isKeyed ? "SELECT count(*) FROM (SELECT DISTINCT \(key.joined(separator: ", ")) FROM verify_csv) k" : "SELECT count(*) FROM verify_csv"
  }

  var differences: String { isKeyed ? keyed : counted }

  /// Selects the keys of the CSV with several landed rows: the key as text, then the number of rows.
  var repeatedKeys: String? {
    guard isKeyed else { return nil }
    let keys = key.map { "t.\($0)" }.joined(separator: ", ")
    let texts = key.map { "t.\($0)::text" }.joined(separator: ", ")
    return """
      SELECT \(texts), count(*) FROM \(table) t WHERE EXISTS (SELECT FROM verify_csv c WHERE \(join))
      GROUP BY \(keys) HAVING count(*) > 1 ORDER BY \(keys)
      """
  }

  private var join: String { key.map { "c.\($0) = t.\($0)" }.joined(separator: " AND ") }

  /// Compares by key. If the CSV has several rows of a key, the last one counts, as in landing. Each landed row is compared.
  private var keyed: String {
    let keys = key.joined(separator: ", ")
    let texts = columns.map { "c.\($0)::text, t.\($0)::text, c.\($0) IS DISTINCT FROM t.\($0)" }.joined(separator: ", ")
    let differs = (["c.csv_line IS NULL"] + columns.map { "c.\($0) IS DISTINCT FROM t.\($0)" }).joined(separator: " OR ")
    let order = key.map { "coalesce(c.\($0), t.\($0))" }.joined(separator: ", ")
    return """
      SELECT c.csv_line, t.\(key[0]) IS NULL, \(texts)
      FROM (SELECT DISTINCT ON (\(keys)) * FROM verify_csv ORDER BY \(keys), csv_line DESC) c FULL JOIN \(table) t ON \(join)
      WHERE \(differs)
      ORDER BY \(order)
      """
  }

  private var counted: String {
    """
    SELECT sum(csv), sum(landed), \(columns.map { "\($0)::text" }.joined(separator: ", "))
    FROM (SELECT \(list), 1 AS csv, 0 AS landed FROM verify_csv UNION ALL SELECT \(list), 0, 1 FROM \(table)) u
    GROUP BY \(list) HAVING sum(csv) <> sum(landed) ORDER BY \(list)
    """
  }

  func differences(in row: PostgresRowView) -> [Verification.Difference] {
    guard isKeyed else {
      let cells = resource.fields.indices.map { row[$0 + 2] ?? "" }
      return [.count(row: cells.joined(separator: ", "), csv: row[0].flatMap { Int($0) } ?? 0, landed: row[1].flatMap { Int($0) } ?? 0)]
    }
    let line = row[0].flatMap { Int($0) }
    let key = resource.primaryKey.map { row[2 + 3 * $0] ?? row[3 + 3 * $0] ?? "" }.joined(separator: ", ")
    if line == nil { return [.extra(key: key)] }
    if row[1] == "t" { return [.missing(key: key, line: line)] }
    return resource.fields.indices.filter { row[4 + 3 * $0] == "t" }.map { field in
      .cell(key: key, line: line, column: resource.fields[field].column, csv: row[2 + 3 * field], landed: row[3 + 3 * field])
    }
  }
}
