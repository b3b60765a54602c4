import Postgres
import Support

/// Checks an existing table against the description: whether it can be landed in, which columns are added, and what must be changed first.
extension PostgresStore {
  struct ExistingColumn {
    let name: String
    let type: String
    /// Every inserted row needs a value for the column.
    let needsValue: Bool
    let isIdentity: Bool
    let isGenerated: Bool
    /// A view or rule depends on the column, so its type cannot change.
    let isInView: Bool
  }

  private struct TableTraits {
    var isSecured = false
    var isPartitioned = false
    /// Rules replace or accompany what an INSERT does; ON CONFLICT does not work with them.
    var hasInsertRule = false
    var hasUpdateRule = false
    /// A trigger may fill columns before a row is inserted.
    var hasBeforeTrigger = false
    /// Partition key columns of the table and of its partitions that are themselves partitioned.
    var partitionColumns: [String] = []
    var isPartitionedByExpression = false
  }

  /// Checks an existing table and adds the described columns that it lacks.
  ///
  /// - Returns: the statements for this table.
  /// - Throws: `SinkError` with the remedy, if the table cannot be landed in; `PostgresError`.
  func amendTable(_ sql: SinkSQL, _ connection: PostgresConnection) throws -> SinkSQL {
    let existing = try columns(sql.names.table, connection)
    let traits = try traits(sql, connection)
    let names = existing.map { TableSchema.Column(name: $0.name, type: $0.type) }
    let missing = tableSchema.missing(from: names)
    try checkOwnership(sql, existing, missing, connection)
    try checkWritable(sql, existing, traits)
    try checkTypes(sql, tableSchema.differences(from: names), existing, traits, connection)
    try checkRequired(sql, existing, traits, connection)
    var sql = sql
    sql.isPartitioned = traits.isPartitioned
    try checkKey(sql, missing, traits, connection)
    // Nothing is altered in a table that is refused.
    if !missing.isEmpty {
      try connection.execute(sql.addColumns(missing))
      log(.info, "table \(sql.names.table): added \(missing.map(\.name).joined(separator: ", "))")
    }
    sql.insertsRows = traits.isSecured || traits.hasInsertRule
    return sql
  }

  /// The columns of a table whose name is quoted.
  func columns(_ table: String, _ connection: PostgresConnection) throws -> [ExistingColumn] {
    try connection.query(
      """
      SELECT a.attname, format_type(a.atttypid, a.atttypmod), a.attidentity = 'a', a.attgenerated <> '',
        (a.attnotnull OR t.typnotnull) AND NOT a.atthasdef AND a.attidentity = '' AND t.typdefault IS NULL,
        EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_class'::regclass
          AND d.refobjid = a.attrelid AND d.refobjsubid = a.attnum)
      FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
      WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
      """, [table]
    ).compactMap { row in
      guard let name = row[0], let type = row[1] else { return nil }
      return ExistingColumn(
        name: name, type: type, needsValue: row[4] == "t", isIdentity: row[2] == "t", isGenerated: row[3] == "t", isInView: row[5] == "t")
    }
  }

  private func traits(_ sql: SinkSQL, _ connection: PostgresConnection) throws -> TableTraits {
    var traits = TableTraits()
    let rows = try connection.query(
      """
      SELECT row_security_active(c.oid),
        EXISTS (SELECT 1 FROM pg_rewrite r WHERE r.ev_class = c.oid AND r.ev_type = '3' AND r.ev_enabled <> 'D'),
        EXISTS (SELECT 1 FROM pg_rewrite r WHERE r.ev_class = c.oid AND r.ev_type = '2' AND r.ev_enabled <> 'D'),
        EXISTS (SELECT 1 FROM pg_trigger t WHERE t.tgenabled IN ('O', 'A') AND t.tgtype & 7 = 7
          AND (t.tgrelid = c.oid OR t.tgrelid IN (SELECT relid FROM pg_partition_tree(c.oid)))),
        c.relkind = 'p'
      FROM pg_class c WHERE c.oid = to_regclass($1)
      """, [sql.names.table])
    if let row = rows.first {
      traits.isSecured = row[0] == "t"
      traits.hasInsertRule = row[1] == "t"
      traits.hasUpdateRule = row[2] == "t"
      traits.hasBeforeTrigger = row[3] == "t"
      traits.isPartitioned = row[4] == "t"
    }
    let partitioned = try connection.query(
      """
      SELECT DISTINCT a.attname FROM pg_partition_tree(to_regclass($1)) AS part
      JOIN pg_partitioned_table p ON p.partrelid = part.relid CROSS JOIN unnest(p.partattrs::int2[]) AS number
      LEFT JOIN pg_attribute a ON a.attrelid = p.partrelid AND a.attnum = number ORDER BY 1
      """, [sql.names.table])
    traits.partitionColumns = partitioned.compactMap { $0[0] }
    traits.isPartitionedByExpression = partitioned.contains { $0[0] == nil }
    return traits
  }

  /// Without `--adopt-table`, only a table that was created for these rows gets columns and rows from this program.
  private func checkOwnership(
    _ sql: SinkSQL, _ existing: [ExistingColumn], _ missing: [TableSchema.Column], _ connection: PostgresConnection
  ) throws {
    guard !options.adoptTable, TableSchema.lineage.contains(where: { column in missing.contains(column) }) else { return }
    let described = Set(tableSchema.columns.map(\.name))
    let twins = missing.compactMap { column in
      existing.first { !described.contains($0.name) && $0.name.lowercased() == column.name.lowercased() }.map { (column.name, $0.name) }
    }
    guard twins.isEmpty else {
      throw SinkError(
        .configuration,
        "table \(sql.names.table) differs from the description in the case of its columns: "
          + twins.map { "it has \"\($1)\", not \"\($0)\"" }.joined(separator: "; "),
        hint: "name the columns in the description, each in its field: "
          + twins.map { "\"column\": \"\($1)\"" }.joined(separator: ", ")
          + ". Or add --adopt-table: columns named \(missing.map(\.name).joined(separator: ", ")) are added to the table")
    }
    guard try connection.query("SELECT EXISTS (SELECT 1 FROM \(sql.names.table))").firstValue == "t" else { return }
    throw SinkError(
      .configuration,
      "table \(sql.names.table) has rows that this program did not land: it lacks \(missing.map(\.name).joined(separator: ", "))",
      hint: "name another table with --table. Or add --adopt-table: these columns are added to the table, and rows land beside its own")
  }

  /// Checks for columns and rules that prevent Postgres from inserting or updating the rows.
  private func checkWritable(_ sql: SinkSQL, _ existing: [ExistingColumn], _ traits: TableTraits) throws {
    let described = Set(tableSchema.columns.map(\.name))
    if let column = existing.first(where: { described.contains($0.name) && $0.isGenerated }) {
      throw SinkError(
        .configuration, "column \(column.name) of table \(sql.names.table) is generated: Postgres computes it and takes no value",
        hint: "take the field out of the description, or run:\n"
          + "ALTER TABLE \(sql.names.table) ALTER COLUMN \(sql.quoted(column.name)) DROP EXPRESSION;")
    }
    guard sql.hasKey else { return }
    if let column = existing.first(where: { described.contains($0.name) && $0.isIdentity && !tableSchema.key.contains($0.name) }) {
      throw SinkError(
        .configuration,
        "column \(column.name) of table \(sql.names.table) is GENERATED ALWAYS AS IDENTITY: a new version of a row cannot set it",
        hint: "take the field out of the description, or run:\n"
          + "ALTER TABLE \(sql.names.table) ALTER COLUMN \(sql.quoted(column.name)) SET GENERATED BY DEFAULT;")
    }
    if traits.hasInsertRule || traits.hasUpdateRule {
      throw SinkError(
        .configuration,
        "table \(sql.names.table) has a rule for INSERT or UPDATE, and Postgres allows no ON CONFLICT there: rows with a key cannot land",
        hint: "make a trigger of the rule, or land in a table of its own (--table); to see the rules:\n"
          + "SELECT rulename, definition FROM pg_rules WHERE format('%I.%I', schemaname, tablename)::regclass = "
          + "\(sql.names.qualifiedName)::regclass;")
    }
  }

  /// Suggests an ALTER that changes no stored value; for any other, counts the rows it would change.
  private func checkTypes(
    _ sql: SinkSQL, _ differences: [TableSchema.TypeDifference], _ existing: [ExistingColumn], _ traits: TableTraits,
    _ connection: PostgresConnection
  ) throws {
    guard !differences.isEmpty else { return }
    var lossless: [TableSchema.TypeDifference] = []
    var lossy: [TableSchema.TypeDifference] = []
    var notes: [String] = []
    for difference in differences {
      let name = difference.column.name
      if traits.partitionColumns.contains(name) {
        notes.append("The table is partitioned by \(name): its type cannot change.")
      } else if existing.contains(where: { $0.name == name && $0.isInView }) {
        notes.append("A view or rule shows \(name): its type cannot change before that is dropped.")
      } else {
        switch try countChangedRows(difference, sql, connection) {
        case .success(0): lossless.append(difference)
        case .success(let count):
          lossy.append(difference)
          notes.append("Lossy: \(difference.column.type) would change \(name) in \(counted(count, "row")).")
        case .failure(let error): notes.append("Column \(name) cannot become \(difference.column.type): \(error.message).")
        }
      }
    }
    var hint = "change the description" + (lossless.isEmpty ? "." : ", or run:\n\(sql.changeTypes(lossless))")
    if !notes.isEmpty { hint += "\n\(notes.joined(separator: "\n"))" }
    if !lossy.isEmpty { hint += "\nOnly if the values may change:\n\(sql.changeTypes(lossy))" }
    let list = differences.map { "\($0.column.name) is \($0.existing), not \($0.column.type)" }.joined(separator: "; ")
    throw SinkError(.configuration, "table \(sql.names.table) differs from the description: \(list)", hint: hint)
  }

  /// The number of rows that a conversion would change, or the error with which it fails.
  private func countChangedRows(
    _ difference: TableSchema.TypeDifference, _ sql: SinkSQL, _ connection: PostgresConnection
  ) throws -> Result<Int, PostgresError> {
    try connection.execute("SAVEPOINT conversion")
    do {
      let count = try connection.query(sql.countChanged(difference)).firstValue.flatMap { Int($0) } ?? 0
      try connection.execute("RELEASE SAVEPOINT conversion")
      return .success(count)
    } catch {
      guard !error.isRetriable else { throw error }
      try connection.execute("ROLLBACK TO SAVEPOINT conversion; RELEASE SAVEPOINT conversion")
      return .failure(error)
    }
  }

  /// Checks for a required column that gets no value: every message would be rejected, one by one.
  private func checkRequired(_ sql: SinkSQL, _ existing: [ExistingColumn], _ traits: TableTraits, _ connection: PostgresConnection) throws {
    guard !traits.hasBeforeTrigger, !traits.hasInsertRule else { return }
    let described = Set(tableSchema.columns.map(\.name))
    guard let column = existing.first(where: { $0.needsValue && !described.contains($0.name) }) else { return }
    let name = sql.quoted(column.name)
    let canBeNull =
      try connection.query(
        """
        SELECT a.attnotnull AND NOT t.typnotnull AND NOT EXISTS (
          SELECT 1 FROM pg_index i WHERE i.indrelid = a.attrelid AND i.indisprimary AND a.attnum = ANY (i.indkey))
        FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid WHERE a.attrelid = to_regclass($1) AND a.attname = $2
        """, [sql.names.table, column.name]
      ).firstValue == "t"
    let alter = "ALTER TABLE \(sql.names.table) ALTER COLUMN \(name)"
    throw SinkError(
      .configuration,
      "column \(column.name) of table \(sql.names.table) is NOT NULL, has no default and is not described: no row could be inserted",
      hint: "describe it, or give it a default (\(alter) SET DEFAULT 'a value')" + (canBeNull ? ", or run:\n\(alter) DROP NOT NULL;" : "")
    )
  }

  private func checkKey(
    _ sql: SinkSQL, _ missing: [TableSchema.Column], _ traits: TableTraits, _ connection: PostgresConnection
  ) throws {
    guard sql.hasKey, try !isUnique(sql.names.table, tableSchema.key, connection) else { return }
    if traits.isPartitionedByExpression {
      throw SinkError(
        .configuration, "table \(sql.names.table) is partitioned by an expression, and Postgres has no unique constraint for such a table",
        hint: "take primaryKey out of the description, or land in another table (--table)")
    }
    let absent = traits.partitionColumns.filter { !tableSchema.key.contains($0) }
    guard absent.isEmpty else {
      let fields = (tableSchema.key + absent).map { column in resource.fields.first { $0.column == column }?.header ?? column }
      let undescribed = absent.filter { column in !tableSchema.fields.contains { $0.name == column } }
      throw SinkError(
        .configuration,
        "table \(sql.names.table) is partitioned by \(traits.partitionColumns.joined(separator: ", ")), "
          + "and a unique constraint must contain these columns: the key (\(tableSchema.key.joined(separator: ", "))) does not",
        hint: (undescribed.isEmpty ? "" : "describe \(undescribed.joined(separator: ", ")), and ")
          + "write in the description: \"primaryKey\": [\(fields.map { "\"\($0)\"" }.joined(separator: ", "))]")
    }
    // The reset deletes the rows and then adds the constraint.
    if options.fromBeginning, options.replace, !wasReset { return }
    let text = "table \(sql.names.table) has no unique constraint on the key (\(tableSchema.key.joined(separator: ", ")))"
    // The columns added above are rolled back with the transaction.
    let absentKey = missing.filter { tableSchema.key.contains($0.name) }
    // Rows without a key do not matter to a unique constraint, and a column that is missing is NULL in all of them.
    let duplicates = absentKey.isEmpty ? try connection.query(sql.countDuplicates).firstValue.flatMap { Int($0) } ?? 0 : 0
    let addKey = (absentKey.isEmpty ? "" : "\(sql.addColumns(absentKey));\n") + sql.addKey
    guard duplicates > 0 else { throw SinkError(.configuration, text, hint: "run:\n\(addKey)") }
    let hasLineage = !TableSchema.lineage.contains { missing.contains($0) }
    throw SinkError(
      .configuration, "\(text), and \(counted(duplicates, "key")) \(duplicates == 1 ? "has" : "have") several rows",
      hint: "to replace all rows, add --exit-at-end --from-beginning --replace. To keep the last row of each key, run:\n"
        + "\(sql.deleteDuplicates(hasLineage: hasLineage))\n\(addKey)")
  }

  /// ON CONFLICT needs a unique index on just these columns, whole, valid and checked at once.
  func isUnique(_ table: String, _ key: [String], _ connection: PostgresConnection) throws -> Bool {
    let rows = try connection.query(
      """
      SELECT (SELECT string_agg(quote_ident(a.attname), ',' ORDER BY quote_ident(a.attname) COLLATE "C") FROM pg_attribute a
              WHERE a.attrelid = i.indrelid AND a.attnum = ANY ((i.indkey::int2[])[0:i.indnkeyatts - 1]))
        = (SELECT string_agg(quote_ident(k), ',' ORDER BY quote_ident(k) COLLATE "C") FROM unnest($2::text[]) AS k)
      FROM pg_index i
      WHERE i.indrelid = to_regclass($1) AND i.indisunique AND i.indisvalid AND i.indimmediate AND i.indpred IS NULL AND i.indexprs IS NULL
      """,
      [
        table,
        "{" + key.map { "\"\($0.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))\"" }.joined(separator: ",") + "}",
      ])
    return rows.contains { $0[0] == "t" }
  }
}
