import Dataset
import Glibc
import Postgres
import SQLite

extension Snapshot {
  /// Reads the landed rows, transformed by the same SQL as in `netflix etl`.
  /// - Parameter table: the table of landed rows, such as `netflix_raw`.
  public init(landedIn connection: PostgresConnection, table: String, resource: Resource) throws {
    let session = PostgresSession(connection: connection)
    let sql = try StarSQL(session, resource)
    self = try connection.transaction(begin: "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY") { connection in
      let quoted = try RawTable.requireTable(table, connection)
      var builder = try SnapshotBuilder(resource)
      let rows = "(\(try RawTable.rows(table, sql, connection))) landed"
      try connection.forEachRow("SELECT * FROM (\n\(try sql.unpivot(from: rows))\n) f ORDER BY date, region_id") { row in
        try builder.add(PostgresFactRow(row))
      }
      let latest = try connection.query(
        "SELECT count(*), to_char(max(landed_at), 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') FROM \(quoted)"
      ).rows.first
      return builder.finish(
        origin: Provenance(
          kind: .landed, place: "\(connection.place) \(table)", rows: latest?.first.flatMap { $0 }.flatMap { Int($0) } ?? 0,
          time: latest?.last ?? nil))
    }
  }

  /// Reads the warehouse that `netflix etl --to postgres` created.
  public init(warehouse connection: PostgresConnection, resource: Resource) throws {
    let session = PostgresSession(connection: connection)
    let sql = try StarSQL(session, resource)
    self = try connection.transaction(begin: "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY") { connection in
      let source = try sql.source(session, place: connection.place)
      var builder = try SnapshotBuilder(resource)
      try connection.forEachRow(try sql.facts()) { row in try builder.add(PostgresFactRow(row)) }
      return builder.finish(origin: source)
    }
  }

  /// Reads the warehouse that `netflix etl --to sqlite` created.
  public init(warehouse database: SQLiteDatabase, resource: Resource) throws {
    let session = SQLiteSession(database: database)
    let sql = try StarSQL(session, resource)
    self = try database.transaction("BEGIN") {
      var source = try sql.source(session, place: database.file)
      // The file stores no time, so that its dump is the same after each run: use the file system's modification time.
      source = Provenance(kind: source.kind, place: source.place, rows: source.rows, time: Self.modified(database.file))
      var builder = try SnapshotBuilder(resource)
      let statement = try database.prepare(try sql.facts())
      while try statement.step() { try builder.add(SQLiteFactRow(statement, sql.star)) }
      return builder.finish(origin: source)
    }
  }

  private static func modified(_ file: String) -> String? {
    var status = stat()
    guard stat(file, &status) == 0 else { return nil }
    var parts = tm()
    var seconds = status.st_mtim.tv_sec
    gmtime_r(&seconds, &parts)
    var text = [CChar](repeating: 0, count: 32)
    let count = strftime(&text, text.count, "%Y-%m-%dT%H:%M:%SZ", &parts)
    return String(decoding: text.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

extension StarSQL {
  /// The command that makes the warehouse that is missing in `place`.
  private static func makeIt(_ engine: SQLDialect, place: String) -> String {
    engine == .sqlite ? "make it: netflix etl --sqlite \(place)" : "make it: netflix etl --to postgres"
  }

  func facts() throws -> String {
    let metrics = try star.metrics.map { "f.\(try factColumn($0))" }.joined(separator: ", ")
    return "SELECT date, region_id, \(metrics) FROM \(try fact) f JOIN dim_date USING (date_id) ORDER BY date_id, region_id"
  }

  /// The source of the warehouse's rows. Throws if there is no warehouse, or if it was made from another description.
  func source(_ session: some SQLSession, place: String) throws -> Provenance {
    let advice = Self.makeIt(engine, place: place)
    guard try WarehouseTables.exists("etl_source", in: session) else {
      throw WarehouseError(.missing, "\(place) has no warehouse", advice: advice)
    }
    let time = engine == .postgres ? "to_char(loaded_at, 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')" : "NULL"
    let row = try session.row("SELECT source, place, source_rows, layout, \(time), dataset FROM etl_source") ?? []
    if row.count == 6, let dataset = row[5], dataset != resource.name {
      throw WarehouseError(
        .layout, "the warehouse in \(place) belongs to the dataset \"\(dataset)\", not to \"\(resource.name)\"",
        advice: engine == .sqlite
          ? "name the file of this one (--sqlite FILE), or the description of that one (--dataset FILE)"
          : "name the database or schema of this one, or the description of that one (--dataset FILE)")
    }
    guard row.count == 6, row[3] == (try WarehouseTables(session: session, sql: self).layout) else {
      throw WarehouseError(.layout, "the warehouse in \(place) was made from another description", advice: advice)
    }
    return Provenance(
      kind: row[0].flatMap(Provenance.Kind.init(rawValue:)) ?? .csv, place: row[1] ?? "", rows: row[2].flatMap { Int($0) } ?? 0,
      time: row[4])
  }
}
