import Dataset
import Postgres
import SQLite

/// The database operations that the refresh needs, implemented for both engines.
protocol SQLSession {
  var dialect: SQLDialect { get }
  func run(_ sql: String) throws
  /// The first value of the first row.
  func value(_ sql: String) throws -> String?
  func rows(_ sql: String) throws -> [[String?]]
  func isForeignKeyViolation(_ error: any Error) -> Bool
  func quoted(name: String) throws -> String
  func quoted(text: String) throws -> String
}

extension SQLSession {
  func row(_ sql: String) throws -> [String?]? { try rows(sql).first }
  func value(_ sql: String) throws -> String? { try row(sql)?.first ?? nil }
}

struct PostgresSession: SQLSession {
  let connection: PostgresConnection
  var dialect: SQLDialect { .postgres }
  func run(_ sql: String) throws { try connection.execute(sql) }
  func rows(_ sql: String) throws -> [[String?]] { try connection.query(sql).rows }
  func isForeignKeyViolation(_ error: any Error) -> Bool { (error as? PostgresError)?.sqlstate == SQLState.foreignKeyViolation }
  func quoted(name: String) throws -> String { try connection.quoteIdentifier(name) }
  func quoted(text: String) throws -> String { try connection.quoteLiteral(text) }
}

struct SQLiteSession: SQLSession {
  let database: SQLiteDatabase
  var dialect: SQLDialect { .sqlite }
  func run(_ sql: String) throws { try database.execute(sql) }
  func rows(_ sql: String) throws -> [[String?]] { try database.query(sql) }
  /// SQLITE_CONSTRAINT_FOREIGNKEY
  func isForeignKeyViolation(_ error: any Error) -> Bool { (error as? SQLiteError)?.code == 787 }
  func quoted(name: String) throws -> String { SQLiteDatabase.quoteIdentifier(name) }
  func quoted(text: String) throws -> String { SQLiteDatabase.quoteLiteral(text) }
}

extension StarSQL {
  init(_ session: some SQLSession, _ resource: Resource) throws {
    try self.init(dialect: session.dialect, resource: resource, quoteIdentifier: session.quoted(name:), quoteLiteral: session.quoted(text:))
  }
}

extension PostgresConnection {
  /// COPYs fields of a CSV's rows into a table whose first column is the row's number (or line), in chunks of bounded size.
  /// - Returns: rows copied.
  func copy(_ rows: some RowSource, fields: [Int], into table: String, number: (_ count: Int, _ line: Int) -> Int) throws -> Int {
    var count = 0
    try copyIn("COPY \(table) FROM STDIN") { writer in
      var text = CopyText()
      try rows.forEachRow { row, line in
        count += 1
        text.append(number(count, line))
        for field in fields {
          text.bytes.append(CopyText.tab)
          text.append(field, of: row)
        }
        text.bytes.append(CopyText.newline)
        if text.bytes.count > 256 << 10 {
          try writer.write(text.bytes)
          text.bytes.removeAll(keepingCapacity: true)
        }
      }
      try writer.write(text.bytes)
    }
    return count
  }
}
