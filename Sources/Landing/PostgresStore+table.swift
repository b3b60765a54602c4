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
    let seen: SinkSQL = try connection.transaction(lockTimeout) { connection in
      try connection.query("SELECT pg_advisory_xact_lock(\(Self.schemaLock))")
      let place = try resolveTable(connection)
      let sql = try texts(in: place.schema, table: place.table, connection)
      try createBookkeepingTables(sql, in: connection)
      guard place.exists else {
        try connection.execute(sql.lockForReset)
        try forget(wholeTable: true, connection, sql)
        try connection.execute(sql.createTable)
        // Offsets that were deleted together with the rows are not missed.
        seenPartitions = []
        log(.info, "created table \(place.schema).\(place.table)")
        return sql
      }
      return try compare(sql, connection)
    }
    try createStage(seen, connection)
    sql = seen
  }

  /// The statements for the table, in the schema where it exists or would be created.
  func texts(_ connection: PostgresConnection) throws -> SinkSQL {
    let place = try resolveTable(connection)
    return try texts(in: place.schema, table: place.table, connection)
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
    let place = try find(connection)
    if [SinkSQL.offsetsTable, SinkSQL.rejectedTable].contains(place.table) {
      throw SinkError(
        .configuration, "\(place.schema).\(place.table) is a table of the consumer itself", hint: "name another with --table")
    }
    return place
  }

  private func find(_ connection: PostgresConnection) throws -> TableLocation {
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

  private func texts(in schema: String, table: String, _ connection: PostgresConnection) throws -> SinkSQL {
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
    return SinkSQL(tableSchema: tableSchema, names: names, deletes: options.tombstones == .delete)
  }

  // MARK: The consumer's own tables

  private func createBookkeepingTables(_ sql: SinkSQL, in connection: PostgresConnection) throws {
    let tables = [sql.offsets, sql.rejected]
    try migrate(tables, connection)
    for ledger in tables {
      if try connection.query("SELECT to_regclass($1)", [ledger.name]).firstValue == nil {
        try connection.execute(ledger.create)
      } else {
        try check(ledger, connection)
      }
    }
  }

  /// Gives the columns of tables that a version before 1.0 created their present names.
  private func migrate(_ tables: [BookkeepingTable], _ connection: PostgresConnection) throws {
    let statements = try tables.flatMap { table in
      let existing = Set(try columns(table.name, connection).map(\.name))
      return table.columns.filter { !existing.contains($0.name) && $0.oldName.map(existing.contains) ?? false }.map(table.rename)
    }
    guard !statements.isEmpty else { return }
    do {
      try connection.execute(statements.joined(separator: "\n"))
    } catch {
      guard error.kind == .unauthorized else { throw error }
      throw SinkError(
        .configuration, "the tables of offsets and rejected records have the column names of a version before 1.0, and \(error)",
        hint: "run as the owner of the tables:\n\(statements.joined(separator: "\n"))")
    }
    log(.info, "renamed columns of a version before 1.0 in the tables of offsets and rejected records")
  }

  /// Throws if a table of offsets or rejected records was altered so that it cannot hold them.
  func check(_ ledger: BookkeepingTable, _ connection: PostgresConnection) throws {
    let name = ledger.name
    let row = try connection.query(
      """
      SELECT c.relkind IN ('r', 'p'), c.relpersistence, row_security_active(c.oid), EXISTS (
        SELECT FROM pg_trigger t WHERE t.tgrelid = c.oid AND t.tgenabled IN ('O', 'A') AND t.tgtype & 7 = 7)
      FROM pg_class c WHERE c.oid = to_regclass($1)
      """, [name]
    ).first
    guard row?[0] == "t" else {
      throw SinkError(.configuration, "\(name) is not a table", hint: "rename it: the consumer makes its own table of that name")
    }
    guard row?[1] != "u" else {
      throw SinkError(
        .configuration, "\(name) is UNLOGGED: a crash of Postgres would empty it, and the rows would stay",
        hint: "run:\nALTER TABLE \(name) SET LOGGED;")
    }
    // A policy could hide offsets, and COPY does not write under row security.
    guard row?[2] == "f" else {
      throw SinkError(
        .configuration, "\(name) is under row-level security for this role, and offsets and rejected records must not be hidden",
        hint: "land as the owner of the tables or as a role with BYPASSRLS, or run:\nALTER TABLE \(name) DISABLE ROW LEVEL SECURITY;")
    }
    let existing = try columns(name, connection)
    var faults: [String] = []
    var statements: [String] = []
    for column in ledger.columns {
      guard let found = existing.first(where: { $0.name == column.name }) else {
        faults.append("it has no column \(column.name)")
        let isOld = existing.contains { $0.name == column.oldName }
        statements.append(isOld ? ledger.rename(column) : "ALTER TABLE \(name) ADD COLUMN \(column.name) \(column.type);")
        continue
      }
      if found.isGenerated {
        faults.append("column \(column.name) is generated")
        statements.append("ALTER TABLE \(name) ALTER COLUMN \(column.name) DROP EXPRESSION;")
      }
      if found.type != column.type {
        faults.append("column \(column.name) is \(found.type), not \(column.type)")
        statements.append("ALTER TABLE \(name) ALTER COLUMN \(column.name) TYPE \(column.type) USING \(column.name)::\(column.type);")
      }
    }
    // A trigger may fill a column before the row is inserted.
    if row?[3] != "t" {
      for column in existing where column.needsValue && !ledger.columns.contains(where: { [$0.name, $0.oldName].contains(column.name) }) {
        faults.append("column \(column.name) is NOT NULL and has no default")
        statements.append("ALTER TABLE \(name) ALTER COLUMN \(try connection.quoteIdentifier(column.name)) DROP NOT NULL;")
      }
    }
    if !ledger.key.isEmpty, !faults.contains(where: { $0.hasPrefix("it has no column") }), try !isUnique(name, ledger.key, connection) {
      faults.append("it has no unique constraint on (\(ledger.key.joined(separator: ", ")))")
      statements.append(ledger.makeUnique)
    }
    guard !faults.isEmpty else { return }
    throw SinkError(
      .configuration, "\(name) is not as the consumer made it: \(faults.joined(separator: "; "))",
      hint: "run:\n\(statements.joined(separator: "\n"))")
  }

  /// Runs statements on one of the consumer's own tables. What refuses them depends on neither the record nor the server: somebody altered the
  /// table.
  func using<T>(_ ledger: BookkeepingTable, _ body: () throws -> T) throws -> T {
    do {
      return try body()
    } catch let error as PostgresError
      where error.sqlstate != nil && (error.isRaisedByFunction || error.kind == .data || error.kind == .internal)
    {
      throw try altered(ledger, "\(error)\(error.detail.map { ": \($0)" } ?? "")")
    }
  }

  /// The error for one of the consumer's own tables that does not take what is written. Rolls back.
  func altered(_ ledger: BookkeepingTable, _ reason: String) throws -> SinkError {
    rollback()
    let connection = try connection()
    try check(ledger, connection)
    let additions = try connection.query(ledger.findAdditions, [ledger.name]).compactMap { $0[0] }
    return SinkError(
      .configuration, "\(ledger.name) does not take what the consumer writes: \(reason)",
      hint: additions.isEmpty
        ? "compare the table with one that the consumer makes in an empty database, and remove the difference"
        : "the table is the consumer's own; remove what was added to it:\n\(additions.joined(separator: "\n"))")
  }

  /// Sets offsets to NULL and deletes rejected records.
  ///
  /// - Parameter wholeTable: of all groups and topics of the table, else of this group and topic.
  func forget(wholeTable: Bool, _ connection: PostgresConnection, _ sql: SinkSQL) throws {
    try using(sql.offsets) { _ = try connection.execute(sql.resetOffsetsToNull(wholeTable: wholeTable)) }
    try using(sql.rejected) { _ = try connection.execute(sql.deleteRejected(wholeTable: wholeTable)) }
    let isForgotten = try connection.query(sql.isForgotten(wholeTable: wholeTable)).first
    if isForgotten?[0] != "t" { throw try altered(sql.offsets, "an UPDATE changes no row, although the row is there") }
    if isForgotten?[1] != "t" { throw try altered(sql.rejected, "a DELETE leaves rows behind") }
  }
}
