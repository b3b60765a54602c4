import Postgres

extension PostgresStore {
  /// The advisory lock for all DDL of our programs: CREATE TABLE IF NOT EXISTS alone can fail when two sessions run it concurrently.
  static let schemaLock: Int64 = 0x6e65_7466_6c69_7800

  /// Creates the three tables if they are missing, adds missing columns, and throws if the table differs from the description.
  ///
  /// When the table is created, the same transaction sets all its offsets to NULL, so it is landed from the beginning.
  ///
  /// - Throws: `SinkError` of kind `configuration` with the remedy; `PostgresError`.
  func ensureSchema() throws {
    sql = nil
    let connection = try connection()
    let resolved: SinkSQL = try connection.transaction(lockTimeout) { connection in
      try connection.query("SELECT pg_advisory_xact_lock(\(Self.schemaLock))")
      let location = try resolveTable(connection)
      let sql = try statements(schema: location.schema, table: location.table, connection)
      try createBookkeepingTables(sql, in: connection)
      guard location.exists else {
        try connection.execute(sql.lockForReset)
        try resetOffsetsAndRejects(wholeTable: true, connection, sql)
        try connection.execute(sql.createTable)
        // Offsets that were deleted together with the rows are not missed.
        seenPartitions = []
        log(.info, "created table \(location.schema).\(location.table)")
        return sql
      }
      return try amendTable(sql, connection)
    }
    try createStage(resolved, connection)
    sql = resolved
  }

  /// The statements for the table, in the schema where it exists or would be created.
  func resolveStatements(_ connection: PostgresConnection) throws -> SinkSQL {
    let location = try resolveTable(connection)
    return try statements(schema: location.schema, table: location.table, connection)
  }

  private struct TableLocation {
    let schema: String
    let table: String
    let exists: Bool
  }

  private func resolveTable(_ connection: PostgresConnection) throws -> TableLocation {
    // Postgres truncates names silently: two long names could become the same table.
    if options.table.split(separator: ".", maxSplits: 1).contains(where: { $0.utf8.count > TableSchema.maxNameBytes }) {
      throw SinkError(
        .configuration, "the table's name \"\(options.table)\" is longer than Postgres' \(TableSchema.maxNameBytes) bytes",
        hint: "name a shorter one with --table")
    }
    let location = try locateTable(connection)
    if [SinkSQL.offsetsTable, SinkSQL.rejectedTable].contains(location.table) {
      throw SinkError(
        .configuration, "\(location.schema).\(location.table) is a table of the consumer itself", hint: "name another with --table")
    }
    return location
  }

  private func locateTable(_ connection: PostgresConnection) throws -> TableLocation {
    let rows = try connection.query(
      """
      SELECT n.nspname, c.relname, c.relkind, c.relpersistence FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.oid = to_regclass($1)
      """, [connection.quoteTable(options.table)])
    if let row = rows.first, let schema = row[0], let table = row[1] {
      guard row[2] == "r" || row[2] == "p" else {
        throw SinkError(.configuration, "\(schema).\(table) is not a table", hint: "name another with --table")
      }
      guard row[3] != "u" else {
        throw SinkError(
          .configuration, "\(schema).\(table) is UNLOGGED: a crash of Postgres would empty it, and the offsets beside it would stay",
          hint: "run:\nALTER TABLE \(try connection.quoteIdentifier(schema)).\(try connection.quoteIdentifier(table)) SET LOGGED;")
      }
      return TableLocation(schema: schema, table: table, exists: true)
    }
    let parts = options.table.split(separator: ".", maxSplits: 1).map(String.init)
    if parts.count == 2 {
      let quoted = try connection.quoteIdentifier(parts[0])
      if try connection.query("SELECT to_regnamespace($1)", [quoted]).firstValue == nil {
        throw SinkError(.configuration, "there is no schema \(quoted)", hint: "CREATE SCHEMA \(quoted);")
      }
      return TableLocation(schema: parts[0], table: parts[1], exists: false)
    }
    guard let schema = try connection.query("SELECT current_schema()").firstValue else {
      throw SinkError(
        .configuration, "no schema to create the table in: no schema of the role's search_path exists", hint: "use --table schema.table")
    }
    return TableLocation(schema: schema, table: options.table, exists: false)
  }

  private func statements(schema: String, table: String, _ connection: PostgresConnection) throws -> SinkSQL {
    let prefix = try connection.quoteIdentifier(schema) + "."
    var columns: [String: String] = [:]
    for column in tableSchema.columns { columns[column.name] = try connection.quoteIdentifier(column.name) }
    rejectEncoder = RejectRowEncoder(table: table, group: options.group, topic: options.topic)
    let name = prefix + (try connection.quoteIdentifier(table))
    let names = SinkSQL.Names(
      table: name,
      offsets: prefix + SinkSQL.offsetsTable,
      rejected: prefix + SinkSQL.rejectedTable,
      qualifiedName: try connection.quoteLiteral(name),
      channel: try connection.quoteIdentifier(table),
      tableName: try connection.quoteLiteral(table),
      group: try connection.quoteLiteral(options.group),
      topic: try connection.quoteLiteral(options.topic),
      columns: columns)
    return SinkSQL(tableSchema: tableSchema, names: names, deletes: options.tombstones == .delete, keepsNewer: options.keepsNewerRows)
  }
}
