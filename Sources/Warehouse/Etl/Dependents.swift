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
  var ours: [String] { tables + views }

  /// - Throws: `.layout` if objects depend on one of `names`, with their names and the statements that drop them.
  func refuse(dropping names: [String]) throws {
    let found = try names.isEmpty ? [] : session.engine == .postgres ? postgres(names) : sqlite(names)
    guard !found.isEmpty else { return }
    let statements = found.compactMap(\.drop).joined(separator: " ")
    throw WarehouseError(
      .layout, "the warehouse must be recreated, but other objects depend on it: \(found.map(\.name).joined(separator: ", "))",
      advice: session.engine == .postgres
        ? "save the definitions, drop the objects, run this again, and recreate them: \(statements)"
        : "create the warehouse in another file (--sqlite)\(statements.isEmpty ? "" : ", or drop the objects, run this again, and recreate them: \(statements)")"
    )
  }

  /// Privileges of other roles that a DROP would remove. SQLite has none.
  func grants(on names: [String]) throws -> [Grant] {
    guard session.engine == .postgres else { return [] }
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
      WHERE NOT (f.classid = 'pg_class'::regclass AND f.objid = ANY (\(try list(ours)))) AND coalesce(c.conrelid <> ALL (\(try list(ours))), true)
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
      WHERE m.type = 'table' AND f."table" COLLATE NOCASE IN \(try list(names)) AND m.name NOT IN \(try list(ours))
      """)
    return try rows.map { row in
      let (type, name) = (row[0] ?? "", row[1] ?? "")
      let quoted = try session.quoted(name: name)
      return ("\(type) \(name)", type == "foreign key of" ? nil : "DROP \(type.uppercased()) \(quoted);")
    }
  }
}
