import Postgres

extension Store {
  /// All of our DDL, in whatever program, waits for this lock: CREATE TABLE IF NOT EXISTS alone fails when two run at once.
  static let schemaLock: Int64 = 0x6e65_7466_6c69_7800

  /// Sees to the three tables: makes what is missing, adds columns, and refuses what differs.
  ///
  /// A table made anew begins anew: all offsets of it are NULL from then on, in the same transaction.
  func prepare() throws {
    sql = nil
    let connection = try connection()
    let seen: LandingSQL = try connection.transaction { connection in
      try connection.query("SELECT pg_advisory_xact_lock(\(Self.schemaLock))")
      let place = try locate(connection)
      let sql = try texts(in: place.schema, table: place.table, connection)
      try createLedgers(sql, in: place.schema, connection)
      guard place.exists else {
        try connection.execute(sql.lockForReset)
        try connection.execute(sql.forgetOffsets(wholeTable: true))
        try connection.execute(sql.deleteRejected(wholeTable: true))
        try connection.execute(sql.createTable)
        log(.info, "table \(place.schema).\(place.table) made")
        return sql
      }
      return try compare(sql, connection)
    }
    try createStage(seen, connection)
    sql = seen
  }

  /// The statements for the table where it is, or would be made.
  func texts(_ connection: PostgresConnection) throws -> LandingSQL {
    let place = try locate(connection)
    return try texts(in: place.schema, table: place.table, connection)
  }

  private struct Place {
    let schema: String
    let table: String
    let exists: Bool
  }

  private func locate(_ connection: PostgresConnection) throws -> Place {
    // Cut in silence, two long names would be one table.
    if options.table.split(separator: ".", maxSplits: 1).contains(where: { $0.utf8.count > TableShape.longestName }) {
      throw LandingError(
        .configuration, "the table's name \"\(options.table)\" is longer than Postgres' \(TableShape.longestName) bytes",
        advice: "name a shorter one with --table")
    }
    let place = try find(connection)
    if [LandingSQL.offsetsTable, LandingSQL.rejectedTable].contains(place.table) {
      throw LandingError(
        .configuration, "\(place.schema).\(place.table) is where the consumer keeps its own books", advice: "name another with --table")
    }
    return place
  }

  private func find(_ connection: PostgresConnection) throws -> Place {
    let rows = try connection.query(
      """
      SELECT n.nspname, c.relname, c.relkind, c.relpersistence FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.oid = to_regclass($1)
      """, [connection.quoteTable(options.table)])
    if let row = rows.first, let schema = row[0], let table = row[1] {
      guard row[2] == "r" || row[2] == "p" else {
        throw LandingError(.configuration, "\(schema).\(table) is not a table", advice: "name another with --table")
      }
      guard row[3] != "u" else {
        throw LandingError(
          .configuration, "\(schema).\(table) is UNLOGGED: a crash of Postgres would empty it, and the offsets beside it would stay",
          advice: "run:\nALTER TABLE \(try connection.quoteIdentifier(schema)).\(try connection.quoteIdentifier(table)) SET LOGGED;")
      }
      return Place(schema: schema, table: table, exists: true)
    }
    let parts = options.table.split(separator: ".", maxSplits: 1).map(String.init)
    if parts.count == 2 {
      let quoted = try connection.quoteIdentifier(parts[0])
      if try connection.query("SELECT to_regnamespace($1)", [quoted]).value == nil {
        throw LandingError(.configuration, "there is no schema \(quoted)", advice: "CREATE SCHEMA \(quoted);")
      }
      return Place(schema: parts[0], table: parts[1], exists: false)
    }
    guard let schema = try connection.query("SELECT current_schema()").value else {
      throw LandingError(
        .configuration, "no schema to make the table in: the role's search_path names none that exists", advice: "say --table schema.table")
    }
    return Place(schema: schema, table: options.table, exists: false)
  }

  private func texts(in schema: String, table: String, _ connection: PostgresConnection) throws -> LandingSQL {
    let prefix = try connection.quoteIdentifier(schema) + "."
    var columns: [String: String] = [:]
    for column in shape.columns { columns[column.name] = try connection.quoteIdentifier(column.name) }
    rejectEncoder = RejectEncoder(table: table, group: options.group, topic: options.topic)
    let name = prefix + (try connection.quoteIdentifier(table))
    let names = LandingSQL.Names(
      table: name,
      offsets: prefix + LandingSQL.offsetsTable,
      rejected: prefix + LandingSQL.rejectedTable,
      place: try connection.quoteLiteral(name),
      channel: try connection.quoteIdentifier(table),
      tableName: try connection.quoteLiteral(table),
      group: try connection.quoteLiteral(options.group),
      topic: try connection.quoteLiteral(options.topic),
      columns: columns)
    return LandingSQL(shape: shape, names: names, deletes: options.tombstones == .delete)
  }

  private func createLedgers(_ sql: LandingSQL, in schema: String, _ connection: PostgresConnection) throws {
    for (name, create) in [(sql.names.offsets, sql.createOffsets), (sql.names.rejected, sql.createRejected)] {
      let security = "SELECT row_security_active(c.oid) FROM pg_class c WHERE c.oid = to_regclass($1)"
      guard let isSecured = try connection.query(security, [name]).value else {
        try connection.execute(create)
        continue
      }
      // A policy could hide offsets, and COPY does not write under row security.
      guard isSecured == "f" else {
        throw LandingError(
          .configuration, "\(name) is under row-level security for this role, and offsets and rejected records must not be hidden",
          advice: "land as the owner of the tables or as a role with BYPASSRLS, or run:\nALTER TABLE \(name) DISABLE ROW LEVEL SECURITY;")
      }
    }
  }
}
