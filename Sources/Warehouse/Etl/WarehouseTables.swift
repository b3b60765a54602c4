/// The tables and views of a dataset: makes and fills them, inside the caller's transaction.
struct WarehouseTables {
  let session: any SQLSession
  let sql: StarSQL

  /// Makes the warehouse say what `stage` says.
  func refresh(from stage: String) throws {
    let isNew = try prepare()
    for statement in try sql.refresh(from: stage, isNew: isNew) { try session.run(statement) }
    if isNew { for statement in try sql.createKeys() + sql.createViews() { try session.run(statement) } }
    // So that the next run's statements and the readers' know how much there is. SQLite's dump would show it.
    if session.engine == .postgres { try session.run("ANALYZE dim_date, \(sql.fact)") }
  }

  /// Makes the tables unless they are there. A warehouse of another shape is dropped; tables that are somebody else's are left alone.
  /// - Returns: whether they are new.
  private func prepare() throws -> Bool {
    let layout = try layout
    guard try exists("etl_source") else {
      for table in ["dim_date", "dim_region", sql.star.fact] + sql.viewNames where try exists(table) {
        throw WarehouseError(
          .layout, "there is a \"\(table)\" that is no warehouse of ours",
          advice: "rename it, or give the warehouse another place: another database, or another schema by search_path in the address")
      }
      try create()
      return true
    }
    let known = try session.row("SELECT layout, objects FROM etl_source")
    if known?.first == layout { return false }
    try drop(objects: (known?.last ?? nil) ?? "")
    try create()
    return true
  }

  /// Notes where the rows came from.
  func note(_ origin: Origin) throws {
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

  func outcome(_ origin: Origin, superseded: Int) throws -> Etl.Outcome {
    func count(_ table: String) throws -> Int { try session.value("SELECT count(*) FROM \(table)").flatMap { Int($0) } ?? 0 }
    return Etl.Outcome(
      origin: origin, superseded: superseded, dates: try count("dim_date"), regions: try count("dim_region"), facts: try count(sql.fact))
  }

  /// A number that changes with the shape of tables and views, or the regions.
  var layout: String {
    get throws {
      let text = (try sql.createTables() + sql.createKeys() + sql.createViews() + sql.star.regions.map(\.name)).joined(separator: "\n")
      // FNV-1a: it tells shapes apart, it guards nothing.
      let hash = text.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
      return String(hash, radix: 16)
    }
  }

  /// One a line, in the order they can be dropped in.
  private var objects: String { (sql.viewNames + [sql.star.fact]).joined(separator: "\n") }

  private func create() throws {
    for statement in try sql.createTables() { try session.run(statement) }
  }

  private func drop(objects: String) throws {
    for object in objects.split(separator: "\n").map(String.init) where try exists(object) {
      let kind = object.hasPrefix("v_") ? "VIEW" : "TABLE"
      try session.run("DROP \(kind) \(try session.quoted(name: object))")
    }
    for table in ["dim_date", "dim_region", "etl_source"] { try session.run("DROP TABLE IF EXISTS \(table)") }
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
