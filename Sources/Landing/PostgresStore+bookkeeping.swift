import Postgres

/// The consumer's own tables, of offsets and of rejected records: created if they are missing, and checked.
extension PostgresStore {
  func createBookkeepingTables(_ sql: SinkSQL, in connection: PostgresConnection) throws {
    let tables = [sql.offsets, sql.rejected]
    try migrate(tables, connection)
    for table in tables {
      if try connection.query("SELECT to_regclass($1)", [table.name]).firstValue == nil {
        try connection.execute(table.create)
      } else {
        try checkBookkeepingTable(table, connection)
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
  func checkBookkeepingTable(_ table: BookkeepingTable, _ connection: PostgresConnection) throws {
    let name = table.name
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
    for column in table.columns {
      guard let found = existing.first(where: { $0.name == column.name }) else {
        faults.append("it has no column \(column.name)")
        let isOld = existing.contains { $0.name == column.oldName }
        statements.append(isOld ? table.rename(column) : "ALTER TABLE \(name) ADD COLUMN \(column.name) \(column.type);")
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
      for column in existing where column.needsValue && !table.columns.contains(where: { [$0.name, $0.oldName].contains(column.name) }) {
        faults.append("column \(column.name) is NOT NULL and has no default")
        statements.append("ALTER TABLE \(name) ALTER COLUMN \(try connection.quoteIdentifier(column.name)) DROP NOT NULL;")
      }
    }
    if !table.key.isEmpty, !faults.contains(where: { $0.hasPrefix("it has no column") }), try !isUnique(name, table.key, connection) {
      faults.append("it has no unique constraint on (\(table.key.joined(separator: ", ")))")
      statements.append(table.makeUnique)
    }
    guard !faults.isEmpty else { return }
    throw SinkError(
      .configuration, "\(name) is not as the consumer made it: \(faults.joined(separator: "; "))",
      hint: "run:\n\(statements.joined(separator: "\n"))")
  }

  /// Runs statements on one of the consumer's own tables. What refuses them depends on neither the record nor the server: somebody altered the
  /// table.
  func accessing<T>(_ table: BookkeepingTable, _ body: () throws -> T) throws -> T {
    do {
      return try body()
    } catch let error as PostgresError
      where error.sqlstate != nil && (error.isRaisedByFunction || error.kind == .data || error.kind == .internal)
    {
      throw try alterationError(table, "\(error)\(error.detail.map { ": \($0)" } ?? "")")
    }
  }

  /// The error for one of the consumer's own tables that does not take what is written. Rolls back.
  func alterationError(_ table: BookkeepingTable, _ reason: String) throws -> SinkError {
    rollback()
    let connection = try connection()
    try checkBookkeepingTable(table, connection)
    let additions = try connection.query(table.findAdditions, [table.name]).compactMap { $0[0] }
    return SinkError(
      .configuration, "\(table.name) does not take what the consumer writes: \(reason)",
      hint: additions.isEmpty
        ? "compare the table with one that the consumer makes in an empty database, and remove the difference"
        : "the table is the consumer's own; remove what was added to it:\n\(additions.joined(separator: "\n"))")
  }
}
