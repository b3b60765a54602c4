/// The texts of all statements about the table of rows. Names come quoted by libpq.
struct LandingSQL: Sendable {
  /// Names and values as SQL writes them.
  struct Names: Sendable {
    /// With their schema.
    var table: String
    var offsets: String
    var rejected: String
    /// The table's name alone, as an identifier (the channel of NOTIFY) and as a literal.
    var channel: String
    var tableName: String
    var group: String
    var topic: String
    /// From a column's name to the quoted one.
    var columns: [String: String]
  }

  let shape: TableShape
  let names: Names
  /// Rows wait here for the upsert; it lives as long as the session.
  let stage = "pg_temp.netflix_stage"
  /// Tombstones delete their row.
  let deletes: Bool

  var hasKey: Bool { !shape.key.isEmpty }

  private func list(_ columns: [String]) -> String { columns.map { names.columns[$0] ?? $0 }.joined(separator: ", ") }
  private func definition(_ column: TableShape.Column) -> String { "\(list([column.name])) \(column.type)" }

  private var copied: [String] { shape.fields.map(\.name) + ["kafka_topic", "kafka_partition", "kafka_offset"] }

  // MARK: The table

  var createTable: String {
    var lines = shape.fields.map(definition)
    lines += TableShape.lineage.map { "\(definition($0)) NOT NULL\($0.name == "landed_at" ? " DEFAULT now()" : "")" }
    if hasKey { lines.append("PRIMARY KEY (\(list(shape.key)))") }
    return "CREATE TABLE \(names.table) (\n  \(lines.joined(separator: ",\n  "))\n)"
  }

  func addColumns(_ columns: [TableShape.Column]) -> String {
    let clauses = columns.map { "ADD COLUMN \(definition($0))\($0.name == "landed_at" ? " DEFAULT now()" : "")" }
    return "ALTER TABLE \(names.table) \(clauses.joined(separator: ", "))"
  }

  /// What a person can run where types differ.
  func changeTypes(_ columns: [TableShape.Column]) -> String {
    let clauses = columns.map { "ALTER COLUMN \(list([$0.name])) TYPE \($0.type) USING \(list([$0.name]))::\($0.type)" }
    return "ALTER TABLE \(names.table) \(clauses.joined(separator: ", "));"
  }

  /// What a person can run where the key is not unique.
  var addKey: String { "ALTER TABLE \(names.table) ADD UNIQUE (\(list(shape.key)));" }

  // MARK: Landing

  var createStage: String {
    var lines = shape.fields.map(definition) + TableShape.lineage.prefix(3).map(definition)
    if deletes { lines.append("tombstone boolean") }
    return "DROP TABLE IF EXISTS \(stage); CREATE TEMPORARY TABLE netflix_stage (\(lines.joined(separator: ", "))) ON COMMIT DELETE ROWS"
  }

  var copyRows: String { "COPY \(names.table) (\(list(copied))) FROM STDIN (FORMAT binary)" }

  var copyStage: String { "COPY \(stage) (\(list(copied))\(deletes ? ", tombstone" : "")) FROM STDIN (FORMAT binary)" }

  var emptyStage: String { "TRUNCATE \(stage)" }

  /// The last version of each key, in the order of keys: so two consumers lock rows in one order.
  var upsert: String {
    let key = list(shape.key)
    let columns = list(copied + ["landed_at"])
    let changes = (copied.filter { !shape.key.contains($0) } + ["landed_at"]).map { "\(list([$0])) = excluded.\(list([$0]))" }
    return """
      INSERT INTO \(names.table) (\(columns))
      SELECT \(list(copied)), now()
      FROM (SELECT DISTINCT ON (\(key)) * FROM \(stage) ORDER BY \(key), kafka_offset DESC) AS latest
      \(deletes ? "WHERE NOT tombstone\n" : "")ORDER BY \(key)
      ON CONFLICT (\(key)) DO UPDATE SET \(changes.joined(separator: ", "))
      """
  }

  /// The rows whose key's last message is a tombstone.
  var deleteStaged: String {
    let key = list(shape.key)
    let match = shape.key.map { "row.\(list([$0])) = latest.\(list([$0]))" }.joined(separator: " AND ")
    return """
      DELETE FROM \(names.table) AS row
      USING (SELECT DISTINCT ON (\(key)) * FROM \(stage) ORDER BY \(key), kafka_offset DESC) AS latest
      WHERE latest.tombstone AND \(match)
      """
  }

  var notify: String { "NOTIFY \(names.channel)" }
}
