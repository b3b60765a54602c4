import Postgres

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
        advice: "drop the foreign key, or give it ON DELETE CASCADE")
    }
    if isNew { for statement in try sql.createKeys() + sql.createViews() { try session.run(statement) } }
    for grant in grants where try exists(grant.name) { try session.run(grant.statement) }
    // The planner then knows the sizes for the next run and for readers. Not in SQLite, where it would change the file's dump.
    if session.engine == .postgres { try session.run("ANALYZE dim_date, \(sql.fact)") }
  }

  /// Creates the tables unless they exist. Objects whose definition changed are replaced, or dropped and recreated. Objects that netflix etl did not
  /// create, and objects of others that depend on the warehouse, are left unchanged.
  /// - Returns: whether the tables are new, and the privileges of other roles on the dropped objects.
  private func prepare() throws -> (isNew: Bool, grants: [Dependents.Grant]) {
    guard try exists("etl_source") else {
      try refuseForeign(known: [])
      try create()
      return (true, [])
    }
    let known = try session.row("SELECT layout, objects, dataset FROM etl_source")
    try refuseOther(known?.last ?? nil)
    if try known?.first == layout { return (false, []) }
    let objects = ((known?[1] ?? nil) ?? "").split(separator: "\n").map(String.init)
    let dependents = Dependents(session: session, tables: Self.tables + objects.suffix(1), views: Array(objects.dropLast()))
    try refuseForeign(known: dependents.ours)
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
  private func refuseOther(_ dataset: String?) throws {
    guard let dataset, dataset != sql.resource.name, !replacesOther else { return }
    throw WarehouseError(
      .layout, "the warehouse there belongs to the dataset \"\(dataset)\", not to \"\(sql.resource.name)\"",
      advice: session.engine == .postgres
        ? "give this one another schema (CREATE SCHEMA NAME, then --database 'ADDRESS?options=-csearch_path%3DNAME') or another database; "
          + "--replace replaces the warehouse there"
        : "give this one another file: --sqlite FILE; --replace replaces the warehouse there")
  }

  private func refuseForeign(known: [String]) throws {
    for name in ["dim_date", "dim_region", sql.star.fact] + sql.viewNames where try !known.contains(name) && exists(name) {
      throw WarehouseError(
        .layout, "there is a \"\(name)\" that is no warehouse of ours",
        advice: "rename it, or give the warehouse another place: another database, or another schema by search_path in the address")
    }
  }

  /// Replaces the views of a warehouse whose tables stay. Postgres replaces a view in place and keeps its dependents if columns are only added at the end.
  private func replaceViews(of objects: [String], _ dependents: Dependents) throws -> [Dependents.Grant] {
    var grants = try drop(objects.dropLast().filter { !sql.viewNames.contains($0) }, dependents)
    for (view, statement) in zip(sql.viewNames, try sql.createViews()) {
      if session.engine == .postgres {
        do {
          try session.run("SAVEPOINT view; \(statement.replacing("CREATE VIEW", with: "CREATE OR REPLACE VIEW", maxReplacements: 1))")
          try session.run("RELEASE view")
          continue
        } catch let error as PostgresError where error.sqlstate == "42P16" {
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
  func note(_ origin: Provenance) throws {
    var names = "dataset, source, place, source_rows, layout, objects"
    var values = [
      try session.quoted(text: sql.resource.name), try session.quoted(text: origin.kind.rawValue), try session.quoted(text: origin.place),
      String(origin.rows), try session.quoted(text: layout), try session.quoted(text: objects),
    ].joined(separator: ", ")
    if session.engine == .postgres {
      names += ", loaded_at"
      values += ", now()"
    }
    try session.run("DELETE FROM etl_source")
    try session.run("INSERT INTO etl_source (\(names)) VALUES (\(values))")
  }

  func outcome(_ origin: Provenance, superseded: Int) throws -> StarSchemaLoader.Outcome {
    func count(_ table: String) throws -> Int { try session.value("SELECT count(*) FROM \(table)").flatMap { Int($0) } ?? 0 }
    return StarSchemaLoader.Outcome(
      origin: origin, superseded: superseded, dates: try count("dim_date"), regions: try count("dim_region"), facts: try count(sql.fact))
  }

  /// Two hashes: one changes with the tables, the other with the views or the regions.
  var layout: String {
    get throws { "\(try tablesLayout)-\(Self.hash(try sql.createViews() + sql.star.regions.map(\.name)))" }
  }

  private var tablesLayout: String { get throws { Self.hash(try sql.createTables() + sql.createKeys()) } }

  private static func hash(_ texts: [String]) -> String {
    // FNV-1a: enough to detect changed definitions; it is not for security.
    let hash = texts.joined(separator: "\n").utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    return String(hash, radix: 16)
  }

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
    return switch session.engine {
    case .postgres:
      try session.value("SELECT to_regclass(\(try session.quoted(text: try session.quoted(name: name))))") != nil
    case .sqlite:
      try session.value("SELECT 1 FROM sqlite_schema WHERE name = \(text)") != nil
    }
  }
}
