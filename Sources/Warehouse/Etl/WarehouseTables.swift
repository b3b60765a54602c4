import Postgres
import Support

/// Creates and fills the tables and views of a dataset, inside the caller's transaction.
struct WarehouseTables {
  let session: any SQLSession
  let sql: StarSQL
  /// Whether the warehouse of another dataset is replaced.
  var replacesOther = false

  /// Updates the warehouse to the rows of `stage`.
  func refresh(from stage: String) throws {
    let (isNew, grants) = try prepare()
    do {
      for statement in try sql.refresh(from: stage, isNew: isNew) { try session.run(statement) }
    } catch let error where session.isForeignKeyViolation(error) {
      throw WarehouseError(
        .layout, "a foreign key of another table holds rows that the warehouse no longer has: \(error)",
        hint: "drop the foreign key, or give it ON DELETE CASCADE")
    }
    if isNew { for statement in try sql.createKeys() + sql.createViews() { try session.run(statement) } }
    for grant in grants where try exists(grant.name) { try session.run(grant.statement) }
    // The planner then knows the sizes for the next run and for readers. Not in SQLite, where it would change the file's dump.
    if session.dialect == .postgres { try session.run("ANALYZE dim_date, \(sql.fact)") }
  }

  /// Creates the tables unless they exist. Objects whose definition changed are replaced, or dropped and recreated. Objects that netflix etl did not
  /// create, and objects of others that depend on the warehouse, are left unchanged.
  /// - Returns: whether the tables are new, and the privileges of other roles on the dropped objects.
  private func prepare() throws -> (isNew: Bool, grants: [Dependents.Grant]) {
    guard try exists("etl_source") else {
      try checkNameConflicts(known: [])
      try create()
      return (true, [])
    }
    let known = try session.row("SELECT layout, objects, dataset FROM etl_source")
    try checkOwner(known?.last ?? nil)
    if try known?.first == layout { return (false, []) }
    let objects = ((known?[1] ?? nil) ?? "").split(separator: "\n").map(String.init)
    let dependents = Dependents(session: session, tables: Self.tables + objects.suffix(1), views: Array(objects.dropLast()))
    try checkNameConflicts(known: dependents.ownRelations)
    if try known?.first??.hasPrefix(tablesLayout + "-") == true {
      let grants = try replaceViews(of: objects, dependents)
      try dropRegions()
      return (false, grants)
    }
    let grants = try drop(objects + Self.tables, dependents)
    try create()
    return (true, grants)
  }

  private static let tables = ["dim_date", "dim_region", "etl_source"]

  /// A database, or a schema of it, holds one warehouse: that of another dataset is not replaced unless asked for.
  private func checkOwner(_ dataset: String?) throws {
    guard let dataset, dataset != sql.resource.name, !replacesOther else { return }
    throw WarehouseError(
      .layout, "the warehouse there belongs to the dataset \"\(dataset)\", not to \"\(sql.resource.name)\"",
      hint: session.dialect == .postgres
        ? "give this one another schema (CREATE SCHEMA NAME, then --database 'ADDRESS?options=-csearch_path%3DNAME', and --table public.TABLE if the rows are in public) or another database; "
          + "--replace replaces the warehouse there"
        : "give this one another file: --sqlite FILE; --replace replaces the warehouse there")
  }

  private func checkNameConflicts(known: [String]) throws {
    for name in ["dim_date", "dim_region", sql.star.fact] + sql.viewNames where try !known.contains(name) && exists(name) {
      throw WarehouseError(
        .layout, "table \"\(name)\" exists but was not created by netflix etl",
        hint: "rename it, or give the warehouse another place: another database, or another schema by search_path in the address")
    }
  }

  /// Replaces the views of a warehouse whose tables stay. Postgres replaces a view in place and keeps its dependents if columns are only added at the end.
  private func replaceViews(of objects: [String], _ dependents: Dependents) throws -> [Dependents.Grant] {
    var grants = try drop(objects.dropLast().filter { !sql.viewNames.contains($0) }, dependents)
    for (view, statement) in zip(sql.viewNames, try sql.createViews()) {
      if session.dialect == .postgres {
        do {
          try session.run("SAVEPOINT view; \(statement.replacing("CREATE VIEW", with: "CREATE OR REPLACE VIEW", maxReplacements: 1))")
          try session.run("RELEASE view")
          continue
        } catch let error as PostgresError where error.sqlstate == SQLState.invalidTableDefinition {
          try session.run("ROLLBACK TO view; RELEASE view")
        }
      }
      if try exists(view) { grants += try drop([view], dependents) }
      try session.run(statement)
    }
    return grants
  }

  /// Deletes all regions from the first one that changed; the refresh inserts them again.
  private func dropRegions() throws {
    let old = try session.rows("SELECT region FROM dim_region ORDER BY region_id").map { $0[0] }
    let same = zip(old, sql.star.regions).prefix { $0 == $1.name }.count
    guard same < old.count else { return }
    for table in [try sql.fact, "dim_region"] { try session.run("DELETE FROM \(table) WHERE region_id > \(same)") }
  }

  /// Records where the rows came from.
  func recordProvenance(_ provenance: Provenance) throws {
    var names = "dataset, source, place, source_rows, layout, objects"
    var values = [
      try session.quoted(text: sql.resource.name), try session.quoted(text: provenance.kind.rawValue),
      try session.quoted(text: provenance.location),
      String(provenance.rows), try session.quoted(text: layout), try session.quoted(text: objects),
    ].joined(separator: ", ")
    if session.dialect == .postgres {
      names += ", loaded_at"
      values += ", now()"
    }
    try session.run("DELETE FROM etl_source")
    try session.run("INSERT INTO etl_source (\(names)) VALUES (\(values))")
  }

  func outcome(_ provenance: Provenance, superseded: Int) throws -> StarSchemaLoader.Outcome {
    func count(_ table: String) throws -> Int { try session.value("SELECT count(*) FROM \(table)").flatMap { Int($0) } ?? 0 }
    return StarSchemaLoader.Outcome(
      provenance: provenance, superseded: superseded, dates: try count("dim_date"), regions: try count("dim_region"),
      facts: try count(sql.fact))
  }

  /// Two hashes: one changes with the tables, the other with the views or the regions.
  var layout: String {
    get throws { "\(try tablesLayout)-\(Self.hash(try sql.createViews() + sql.star.regions.map(\.name)))" }
  }

  private var tablesLayout: String { get throws { Self.hash(try sql.createTables() + sql.createKeys()) } }

  private static func hash(_ texts: [String]) -> String { String(FNV1a.hash64(texts.joined(separator: "\n").utf8), radix: 16) }

  /// The objects' names, one per line, in the order in which they can be dropped: views, then the fact table.
  private var objects: String { (sql.viewNames + [sql.star.fact]).joined(separator: "\n") }

  private func create() throws {
    for statement in try sql.createTables() { try session.run(statement) }
  }

  /// Drops those of the objects that exist. Throws `.layout` if objects of others depend on them.
  private func drop(_ names: [String], _ dependents: Dependents) throws -> [Dependents.Grant] {
    let names = try names.filter(exists)
    try dependents.refuse(dropping: names)
    let grants = try dependents.grants(on: names)
    for name in names {
      let kind = dependents.views.contains(name) ? "VIEW" : "TABLE"
      try session.run("DROP \(kind) \(try session.quoted(name: name))")
    }
    return grants
  }

  private func exists(_ name: String) throws -> Bool { try Self.exists(name, in: session) }

  static func exists(_ name: String, in session: any SQLSession) throws -> Bool {
    let text = try session.quoted(text: name)
    return switch session.dialect {
    case .postgres:
      try session.value("SELECT to_regclass(\(try session.quoted(text: try session.quoted(name: name))))") != nil
    case .sqlite:
      try session.value("SELECT 1 FROM sqlite_schema WHERE name = \(text)") != nil
    }
  }
}

/// Objects that depend on the warehouse's tables and views: reports, indexes, foreign keys, grants. None of them is dropped silently.
struct Dependents {
  /// A privilege of another role on a relation that is recreated.
  struct Grant {
    let name: String
    let statement: String
  }

  let session: any SQLSession
  /// The warehouse's relations that exist in the database.
  let tables: [String]
  let views: [String]
  var ownRelations: [String] { tables + views }

  /// - Throws: `.layout` if objects depend on one of `names`, with their names and the statements that drop them.
  func refuse(dropping names: [String]) throws {
    let found = try names.isEmpty ? [] : session.dialect == .postgres ? postgres(names) : sqlite(names)
    guard !found.isEmpty else { return }
    let statements = found.compactMap(\.drop).joined(separator: " ")
    throw WarehouseError(
      .layout, "the warehouse must be recreated, but other objects depend on it: \(found.map(\.name).joined(separator: ", "))",
      hint: session.dialect == .postgres
        ? "save the definitions, drop the objects, run this again, and recreate them: \(statements)"
        : "create the warehouse in another file (--sqlite)\(statements.isEmpty ? "" : ", or drop the objects, run this again, and recreate them: \(statements)")"
    )
  }

  /// Privileges of other roles that a DROP would remove. SQLite has none.
  func grants(on names: [String]) throws -> [Grant] {
    guard session.dialect == .postgres else { return [] }
    return try names.flatMap { name in
      try session.rows(
        """
        SELECT format('GRANT %s ON %s TO %s%s', privilege_type, oid::regclass, CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END,
          CASE WHEN is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
        FROM pg_class, aclexplode(relacl) WHERE oid = \(try oid(name)) AND grantee <> relowner
        """
      ).compactMap { row in row[0].map { Grant(name: name, statement: $0) } }
    }
  }

  private typealias Dependent = (name: String, drop: String?)

  private func oid(_ name: String) throws -> String {
    "to_regclass(\(try session.quoted(text: try session.quoted(name: name))))"
  }

  /// Dependent objects by pg_depend, the outermost first. A view depends on a relation through its rule; functions and columns depend on its row type.
  private func postgres(_ names: [String]) throws -> [Dependent] {
    func list(_ names: [String]) throws -> String { "ARRAY[\(try names.map(oid).joined(separator: ", "))]::oid[]" }
    let rows = try session.rows(
      """
      WITH RECURSIVE depends AS (
        SELECT r.oid AS relation,
          CASE WHEN view.ev_class IS NULL THEN d.classid ELSE 'pg_class'::regclass END AS classid, coalesce(view.ev_class, d.objid) AS objid
        FROM pg_depend d
        JOIN pg_class r ON d.refclassid = 'pg_class'::regclass AND d.refobjid = r.oid OR d.refclassid = 'pg_type'::regclass AND d.refobjid = r.reltype
        LEFT JOIN pg_rewrite view ON d.classid = 'pg_rewrite'::regclass AND view.oid = d.objid AND view.rulename = '_RETURN'
        WHERE d.deptype IN ('n', 'a')
      ), found AS (
        SELECT classid, objid, 1 AS depth FROM depends WHERE relation = ANY (\(try list(names)))
        UNION
        SELECT d.classid, d.objid, depth + 1 FROM found f
        JOIN depends d ON f.classid = 'pg_class'::regclass AND f.objid = d.relation AND d.objid <> d.relation AND depth < 100
      )
      SELECT o.type, o.identity FROM (SELECT classid, objid, max(depth) AS depth FROM found GROUP BY 1, 2) f
      CROSS JOIN pg_identify_object(classid, objid, 0) o
      LEFT JOIN pg_constraint c ON f.classid = 'pg_constraint'::regclass AND c.oid = f.objid
      WHERE NOT (f.classid = 'pg_class'::regclass AND f.objid = ANY (\(try list(ownRelations)))) AND coalesce(c.conrelid <> ALL (\(try list(ownRelations))), true)
        AND f.classid NOT IN ('pg_attrdef'::regclass, 'pg_type'::regclass)
      ORDER BY depth DESC, o.type, o.identity
      """)
    return rows.map { row in
      let (type, identity) = (row[0] ?? "", row[1] ?? "")
      return ("\(type) \(identity)", Self.drop(type, identity))
    }
  }

  private static func drop(_ type: String, _ identity: String) -> String? {
    switch type {
    case "table constraint":
      guard let on = identity.firstRange(of: " on ") else { return nil }
      return "ALTER TABLE \(identity[on.upperBound...]) DROP CONSTRAINT \(identity[..<on.lowerBound]);"
    case "view", "materialized view", "index", "trigger", "policy", "rule", "function": return "DROP \(type.uppercased()) \(identity);"
    case "statistics object": return "DROP STATISTICS \(identity);"
    default: return nil
    }
  }

  /// In SQLite, views do not depend on tables. A DROP would also drop indexes and triggers, and fail if a foreign key refers to rows.
  private func sqlite(_ names: [String]) throws -> [Dependent] {
    func list(_ names: [String]) throws -> String { "(\(try names.map(session.quoted(text:)).joined(separator: ", ")))" }
    let rows = try session.rows(
      """
      SELECT type, name FROM sqlite_schema WHERE tbl_name IN \(try list(names)) AND type IN ('index', 'trigger') AND sql IS NOT NULL
      UNION
      SELECT 'foreign key of', m.name FROM sqlite_schema m JOIN pragma_foreign_key_list(m.name) f
      WHERE m.type = 'table' AND f."table" COLLATE NOCASE IN \(try list(names)) AND m.name NOT IN \(try list(ownRelations))
      """)
    return try rows.map { row in
      let (type, name) = (row[0] ?? "", row[1] ?? "")
      let quoted = try session.quoted(name: name)
      return ("\(type) \(name)", type == "foreign key of" ? nil : "DROP \(type.uppercased()) \(quoted);")
    }
  }
}
