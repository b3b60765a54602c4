/// One of the tables that the consumer makes for itself.
struct BookkeepingTable: Sendable {
  struct Column: Sendable {
    let name: String
    let type: String
    var constraints = ""
    /// The column's name in tables that versions before 1.0 created.
    var oldName: String?
  }

  /// Quoted, with its schema.
  let name: String
  let columns: [Column]
  /// The columns of its primary key.
  let key: [String]

  var create: String {
    let lines = columns.map { [$0.name, $0.type, $0.constraints].filter { !$0.isEmpty }.joined(separator: " ") }
    return "CREATE TABLE \(name) (\((lines + (key.isEmpty ? [] : ["PRIMARY KEY (\(list))"])).joined(separator: ", ")))"
  }

  /// The statement that gives a column of an older version its present name.
  func rename(_ column: Column) -> String { "ALTER TABLE \(name) RENAME COLUMN \(column.oldName ?? column.name) TO \(column.name);" }

  private var list: String { key.joined(separator: ", ") }

  /// Of rows with one key the one stays that is furthest: no offset passes a message that was not landed, rejected or deleted.
  var makeUnique: String {
    """
    DELETE FROM \(name) WHERE (tableoid, ctid) IN (SELECT tableoid, ctid FROM (SELECT tableoid, ctid, \
    row_number() OVER (PARTITION BY \(list) ORDER BY next_offset DESC NULLS LAST) AS place FROM \(name)) AS rows WHERE place > 1);
    ALTER TABLE \(name) ADD UNIQUE (\(list));
    """
  }

  /// What somebody added to the table that can refuse or suppress a row, each with the statement that removes it.
  var findAdditions: String {
    """
    SELECT format('ALTER TABLE %s DISABLE TRIGGER %I;', tgrelid::regclass, tgname) FROM pg_trigger
    WHERE tgrelid = to_regclass($1) AND NOT tgisinternal AND tgenabled <> 'D'
    UNION ALL
    SELECT format('DROP RULE %I ON %s;', rulename, ev_class::regclass) FROM pg_rewrite
    WHERE ev_class = to_regclass($1) AND ev_type <> '1' AND ev_enabled <> 'D'
    UNION ALL
    SELECT format('ALTER TABLE %s DROP CONSTRAINT %I;', conrelid::regclass, conname) FROM pg_constraint
    WHERE conrelid = to_regclass($1) AND contype IN ('c', 'f', 'x'\(key.isEmpty ? ", 'p', 'u'" : ""))
    UNION ALL
    SELECT format('DROP INDEX %s;', indexrelid::regclass) FROM pg_index
    WHERE indrelid = to_regclass($1) AND indisunique AND \(key.isEmpty)
      AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
    """
  }
}
