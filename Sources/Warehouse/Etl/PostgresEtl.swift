import Dataset
import Postgres

/// Loads the warehouse in Postgres.
struct PostgresEtl {
  let connection: PostgresConnection
  let resource: Resource
  private let replacesOther: Bool
  private let session: PostgresSession
  private let sql: StarSQL

  init(connection: PostgresConnection, resource: Resource, replacesOther: Bool) throws {
    self.connection = connection
    self.resource = resource
    self.replacesOther = replacesOther
    session = PostgresSession(connection: connection)
    sql = try StarSQL(session, resource)
  }

  func run(_ rows: some RowSource) throws -> StarSchemaLoader.Outcome {
    try transaction {
      let count = try copy(rows)
      let date = try date
      if let line = try session.value("SELECT min(csv_line) FROM etl_incoming WHERE \(date) IS NULL") {
        throw WarehouseError(.data, "\(rows.place):\(line): a row without a date")
      }
      if !resource.isKeyedByDate,
        let row = try session.row(
          "SELECT \(date), max(csv_line) FROM etl_incoming GROUP BY 1 HAVING count(*) > 1 ORDER BY 1 LIMIT 1")
      {
        let error = resource.severalRows(row[0] ?? "")
        throw WarehouseError(error.kind, "\(rows.place):\(row[1] ?? ""): \(error.message)", advice: error.advice)
      }
      try session.run(
        "CREATE TEMP TABLE etl_stage ON COMMIT DROP AS SELECT DISTINCT ON (\(date)) * FROM etl_incoming ORDER BY \(date), csv_line DESC")
      let staged = try stagedRows()
      return (Provenance(kind: .csv, place: rows.place, rows: count), count - staged)
    }
  }

  func run(landedTable table: String) throws -> StarSchemaLoader.Outcome {
    try transaction {
      try session.run("CREATE TEMP TABLE etl_stage ON COMMIT DROP AS \(try RawTable.rows(table, sql, connection))")
      if try session.value("SELECT 1 FROM etl_stage WHERE \(date) IS NULL LIMIT 1") != nil {
        throw WarehouseError(.data, "a landed row without a date")
      }
      return (Provenance(kind: .landed, place: "\(connection.place) \(table)", rows: try stagedRows()), 0)
    }
  }

  private func transaction(_ fill: () throws -> (Provenance, superseded: Int)) throws -> StarSchemaLoader.Outcome {
    // An earlier run in this session may have left these tables.
    try session.run("DROP TABLE IF EXISTS pg_temp.etl_stage, pg_temp.etl_incoming")
    return try connection.transaction { _ in
      let (origin, superseded) = try fill()
      // Only one run at a time from here on: two would wait for each other's row locks.
      try lock()
      try session.run("ANALYZE etl_stage")
      try checkPlaces()
      let tables = WarehouseTables(session: session, sql: sql, replacesOther: replacesOther)
      try tables.refresh(from: "etl_stage")
      try tables.note(origin)
      try session.run("NOTIFY netflix_warehouse")
      return try tables.outcome(origin, superseded: superseded)
    }
  }

  private func copy(_ rows: some RowSource) throws -> Int {
    let columns = try sql.usedFields.map { field in
      let type = field == sql.star.date ? "date" : sql.metric(ofField: field).map(sql.isInteger) == true ? "bigint" : "numeric"
      return "\(try sql.name(resource.fields[field].column)) \(type)"
    }
    try session.run("CREATE TEMP TABLE etl_incoming (csv_line bigint, \(columns.joined(separator: ", "))) ON COMMIT DROP")
    return try connection.copy(rows, fields: sql.usedFields, into: "etl_incoming") { _, line in line }
  }

  private var date: String { get throws { try sql.name(resource.fields[sql.star.date].column) } }

  private func stagedRows() throws -> Int { try session.value("SELECT count(*) FROM etl_stage").flatMap { Int($0) } ?? 0 }

  private func lock() throws {
    // An arbitrary number that is unlikely to collide with the advisory locks of other programs.
    try session.run("SET LOCAL lock_timeout = '60s'; SELECT pg_advisory_xact_lock(7233471998)")
  }

  /// Throws `.data` for a value with more decimal places than its column: numeric(38, 2) would round it silently.
  private func checkPlaces() throws {
    for field in sql.usedFields.dropFirst() {
      guard let metric = sql.metric(ofField: field), !sql.isInteger(metric), let places = sql.star.metrics[metric].decimals else {
        continue
      }
      let column = try sql.name(resource.fields[field].column)
      let date = try date
      guard let row = try session.row("SELECT \(date), \(column) FROM etl_stage WHERE min_scale(\(column)) > \(places) LIMIT 1") else {
        continue
      }
      throw WarehouseError(
        .data, "\((row[0]) ?? ""): \(resource.fields[field].column): \(row[1] ?? "") has more than \(places) decimal places",
        advice: "raise \"decimals\" of the field in the description, or mend the value")
    }
  }
}
