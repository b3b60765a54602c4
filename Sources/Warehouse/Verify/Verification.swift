import Dataset
import Postgres
import Support

/// A comparison of a CSV's rows with the landed rows, by the values of their cells (16 equals 16.0): `netflix verify`.
package struct Verification: Sendable, Equatable {
  /// A difference between the CSV and the table.
  package enum Difference: Sendable, Equatable {
    /// A row of the CSV that has not landed.
    case missing(key: String, line: Int?)
    /// A landed row that is not in the CSV.
    case extra(key: String)
    /// A cell that differs; nil is NULL.
    case cell(key: String, line: Int?, column: String, csv: String?, landed: String?)
    /// A row with different numbers of occurrences; with a key, several landed rows of a key that the CSV has once.
    case count(row: String, csv: Int, landed: Int)
    /// A rejected record of the CSV.
    case rejected(line: Int, column: Int, reason: String)
  }

  /// The CSV's name.
  package let sourceName: String
  /// The table of landed rows.
  package let table: String
  /// Rows of the CSV, including those counted in `superseded`.
  package let rows: Int
  /// Rows of the CSV that were replaced by a later row of the same key.
  package let superseded: Int
  /// Landed rows.
  package let landed: Int
  /// The first differences, up to the requested limit.
  package let differences: [Difference]
  /// The number of all differences.
  package let differenceCount: Int

  /// True if there is no difference.
  package var holds: Bool { differenceCount == 0 }

  /// Compares in Postgres, with temporary tables of this session, so memory use does not depend on the number of rows.
  /// - Parameters:
  ///   - rows: the CSV's rows.
  ///   - rejected: its rejected records, filled while `rows` is read.
  ///   - limit: the most differences to keep.
  package init(
    _ rows: some RowSource, rejected: () -> [RejectedRow] = { [] }, against table: String, in connection: PostgresConnection,
    limit: Int = 100
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
      for row in rejected() { note(.rejected(line: row.line, column: row.column, reason: row.reason.text)) }
      try connection.execute("ANALYZE verify_csv")
      distinct = try connection.query(comparison.distinctRows).firstValue.flatMap { Int($0) } ?? 0
      landed = try connection.query("SELECT count(*) FROM \(comparison.table)").firstValue.flatMap { Int($0) } ?? 0
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
    sourceName = rows.sourceName
    self.table = table
    self.rows = read
    superseded = read - distinct
    self.landed = landed
    differences = found
    differenceCount = count
  }
}

extension Verification {
  /// Lines for a terminal: one per difference, then a summary.
  package var lines: [String] {
    var lines = differences.map(\.text)
    if differenceCount > differences.count { lines.append("… and \(grouped(differenceCount - differences.count)) more") }
    if !lines.isEmpty { lines.append("") }
    let replaced = superseded == 0 ? "" : " (\(grouped(superseded)) replaced by a later row of the same key)"
    let compared = "\(sourceName): \(counted(rows, "row"))\(replaced)"
    lines.append(
      holds
        ? "\(compared), all as in \(table)" : "\(compared), \(grouped(landed)) in \(table): \(counted(differenceCount, "difference"))")
    return lines
  }

  /// `{"csv","table","rows","superseded","landed","equal","differences","first":[…]}`.
  package var json: JSON {
    .object([
      ("csv", .string(sourceName)), ("table", .string(table)), ("rows", .integer(rows)), ("superseded", .integer(superseded)),
      ("landed", .integer(landed)), ("equal", .bool(holds)), ("differences", .integer(differenceCount)),
      ("first", .array(differences.map(\.json))),
    ])
  }
}

extension Verification.Difference {
  var text: String {
    func value(_ text: String?) -> String { text ?? "NULL" }
    func at(_ line: Int?) -> String { line.map { " (line \($0))" } ?? "" }
    return switch self {
    case .missing(let key, let line): "\(key)\(at(line)): has not landed"
    case .extra(let key): "\(key): landed, but is not in the CSV"
    case .cell(let key, let line, let column, let csv, let landed):
      "\(key)\(at(line)): \(column) is \(value(csv)) in the CSV, \(value(landed)) in the table"
    case .count(let row, let csv, let landed): "\(row): \(csv) in the CSV, \(landed) in the table"
    case .rejected(let line, let column, let reason): "line \(line), column \(column): not a valid row: \(reason)"
    }
  }

  var json: JSON {
    func number(_ line: Int?) -> JSON { line.map { .integer($0) } ?? .null }
    return switch self {
    case .missing(let key, let line): .object([("kind", .string("missing")), ("key", .string(key)), ("line", number(line))])
    case .extra(let key): .object([("kind", .string("extra")), ("key", .string(key))])
    case .cell(let key, let line, let column, let csv, let landed):
      .object([
        ("kind", .string("cell")), ("key", .string(key)), ("line", number(line)), ("column", .string(column)), ("csv", .text(csv)),
        ("landed", .text(landed)),
      ])
    case .count(let row, let csv, let landed):
      .object([("kind", .string("count")), ("row", .string(row)), ("csv", .integer(csv)), ("landed", .integer(landed))])
    case .rejected(let line, let column, let reason):
      .object([("kind", .string("bad")), ("line", .integer(line)), ("column", .integer(column)), ("reason", .string(reason))])
    }
  }
}

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
      guard let type = type.firstValue else {
        throw WarehouseError(
          .layout, "table \(name) has no column \(field.column)",
          hint: "name the table that netflix-consumer created with this description")
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
