import CSQLite
import Glibc

/// One connection to a SQLite file.
///
/// It has one owner and is used by one thread at a time: the handle is opened without SQLite's mutex, so the class is not Sendable.
package final class SQLiteDatabase {
  /// How the file is opened.
  package enum Access: Sendable {
    case readOnly
    case readWrite
    /// Read and write; the file is created if it is missing.
    case create
  }

  /// The path that was passed to `init`.
  package let file: String
  /// The file's absolute path, without symbolic links.
  package let resolvedPath: String
  /// How long a statement waits for another connection's lock before it fails with `.busy`.
  package var busySeconds: Double {
    didSet { sqlite3_busy_timeout(open, Int32(clamping: Int(busySeconds * 1000))) }
  }
  private var open: OpaquePointer?

  /// Opens the file. Throws SQLiteError if it cannot be opened. (A file that is not a database is detected when it is first read.)
  package init(_ file: String, _ access: Access, busySeconds: Double = 10) throws(SQLiteError) {
    self.file = file
    self.busySeconds = busySeconds
    guard !file.utf8.contains(0), !file.isEmpty else { throw SQLiteError(code: SQLITE_CANTOPEN, message: "not a file name", file: file) }
    // SQLite would wait for the other end of a named pipe, and read a device.
    var status = stat()
    if stat(file, &status) == 0, ![S_IFREG, S_IFDIR].contains(status.st_mode & S_IFMT) {
      throw SQLiteError(code: SQLITE_CANTOPEN, message: "is a pipe or a device, not a file", file: file)
    }
    let flags =
      switch access {
      case .readOnly: SQLITE_OPEN_READONLY
      case .readWrite: SQLITE_OPEN_READWRITE
      case .create: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
      }
    let code = sqlite3_open_v2(file, &open, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nil)
    guard code == SQLITE_OK else {
      // SQLite returns a handle even if opening failed, and the message is in it.
      let error = SQLiteError(code: code, message: open.map { String(cString: sqlite3_errmsg($0)) } ?? "out of memory", file: file)
      sqlite3_close_v2(open)
      open = nil
      throw error
    }
    resolvedPath = sqlite3_db_filename(open, "main").map { String(cString: $0) } ?? file
    sqlite3_busy_timeout(open, Int32(clamping: Int(busySeconds * 1000)))
    try execute("PRAGMA foreign_keys = ON")
  }

  deinit { close() }

  /// Closes the file. Calling it again does nothing. (Remaining statements keep the handle alive until they are freed: sqlite3_close_v2.)
  package func close() {
    sqlite3_close_v2(open)
    open = nil
  }

  /// Merges a leftover write-ahead log, for example after a full disk, into its database file, if no other connection uses the file.
  package static func endWriteAheadLog(of path: String) {
    guard let database = try? SQLiteDatabase(path, .readWrite, busySeconds: 0) else { return }
    defer { database.close() }
    // In this mode the first access takes an exclusive lock and needs no shared memory file.
    guard (try? database.execute("PRAGMA locking_mode = EXCLUSIVE; SELECT count(*) FROM sqlite_schema")) != nil else { return }
    unlink(database.resolvedPath + "-shm")
    try? database.execute("PRAGMA journal_mode = DELETE")
  }

  func handle() throws(SQLiteError) -> OpaquePointer {
    guard let open else { throw SQLiteError(code: SQLITE_MISUSE, message: "the file is closed", file: file) }
    return open
  }

  /// The error of the last call.
  func failure(_ code: Int32) -> SQLiteError {
    SQLiteError(code: code, message: open.map { String(cString: sqlite3_errmsg($0)) } ?? "closed", file: file)
  }

  /// Runs statements without parameters or rows. Throws SQLiteError for the first one that fails.
  package func execute(_ sql: String) throws(SQLiteError) {
    let code = sqlite3_exec(try handle(), sql, nil, nil, nil)
    guard code == SQLITE_OK else { throw failure(code) }
  }

  /// Compiles one statement.
  ///
  /// - Throws: `SQLiteError` for a syntax error, an unknown table or column, or a closed database.
  package func prepare(_ sql: String) throws(SQLiteError) -> SQLiteStatement {
    var statement: OpaquePointer?
    let code = sqlite3_prepare_v2(try handle(), sql, -1, &statement, nil)
    guard code == SQLITE_OK, let statement else { throw failure(code == SQLITE_OK ? SQLITE_MISUSE : code) }
    return SQLiteStatement(database: self, handle: statement)
  }

  /// Runs one statement and returns its rows as text, nil for NULL.
  ///
  /// - Throws: `SQLiteError` if the statement is invalid, its parameters do not fit, or a step fails.
  package func query(_ sql: String, _ parameters: [SQLiteValue] = []) throws(SQLiteError) -> [[String?]] {
    let statement = try prepare(sql)
    try statement.bind(parameters)
    var rows: [[String?]] = []
    while try statement.step() { rows.append((0..<statement.columnCount).map { statement.text($0) }) }
    return rows
  }

  /// The first value of the first row as an integer; 0 if there is no row.
  ///
  /// - Throws: see ``query(_:_:)``.
  package func integer(_ sql: String) throws(SQLiteError) -> Int64 {
    let statement = try prepare(sql)
    return try statement.step() ? statement.integer(0) : 0
  }

  /// A number that changes when another connection changes the file.
  ///
  /// - Throws: `SQLiteError` if the database is closed or cannot be read.
  package func dataVersion() throws(SQLiteError) -> Int64 { try integer("PRAGMA data_version") }

  /// True between BEGIN and COMMIT or ROLLBACK.
  package var isInTransaction: Bool { open.map { sqlite3_get_autocommit($0) == 0 } ?? false }

  /// Runs `body` in a transaction that takes the write lock at its start. Commits if `body` returns, and rolls back and rethrows if it throws.
  package func transaction<T>(_ begin: String = "BEGIN IMMEDIATE", _ body: () throws -> T) throws -> T {
    try execute(begin)
    do {
      let value = try body()
      try execute("COMMIT")
      return value
    } catch {
      // After some errors, such as a full disk, SQLite has already rolled back.
      if isInTransaction { try? execute("ROLLBACK") }
      throw error
    }
  }

  /// A name quoted for SQL.
  package static func quoteIdentifier(_ name: String) -> String {
    "\"" + name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
  }

  /// A string literal for SQL.
  package static func quoteLiteral(_ text: String) -> String {
    "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''") + "'"
  }
}

/// An error of SQLite with its kind.
package struct SQLiteError: Error, Sendable, Equatable {
  /// Kinds that callers handle differently.
  package enum Kind: Sendable, Equatable {
    /// Another connection held the lock longer than the busy timeout.
    case busy
    /// No such file or directory, no permission, a full disk, or a read-only file.
    case cannotWrite
    case cannotOpen
    /// Not a SQLite file, or a damaged one.
    case notADatabase
    /// A violated key, foreign key or NOT NULL constraint, or a wrong type in a STRICT table.
    case constraint
    case interrupted
    case other
  }

  /// The kind of the error, derived from `code`.
  package let kind: Kind
  /// SQLite's extended result code.
  package let code: Int32
  /// SQLite's message.
  package let message: String
  /// The database file.
  package let file: String

  /// Creates an error from SQLite's extended result code and message.
  package init(code: Int32, message: String, file: String) {
    self.code = code
    self.message = message
    self.file = file
    // The primary code is the low byte of the extended code; the numbers are part of SQLite's interface and never change.
    switch code & 0xff {
    case 5, 6: kind = .busy
    case 8, 10, 13: kind = .cannotWrite
    case 9: kind = .interrupted
    case 11, 26: kind = .notADatabase
    case 14: kind = .cannotOpen
    case 19, 20: kind = .constraint
    default: kind = .other
    }
  }
}

extension SQLiteError: CustomStringConvertible {
  /// `file: message (SQLite code)`.
  package var description: String { "\(file): \(message) (SQLite \(code))" }
}
