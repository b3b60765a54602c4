import CSQLite

/// A compiled statement: bind, step, read the columns. The next bind resets it, and it is freed with the object.
package final class SQLiteStatement {
  private let database: SQLiteDatabase
  private let handle: OpaquePointer

  init(database: SQLiteDatabase, handle: OpaquePointer) {
    self.database = database
    self.handle = handle
  }

  deinit { sqlite3_finalize(handle) }

  /// Prepares the statement to run again; bound values are kept.
  package func reset() { sqlite3_reset(handle) }

  /// Resets the statement and binds all parameters in order.
  ///
  /// - Throws: `SQLiteError` if there are more values than parameters.
  package func bind(_ values: [SQLiteValue]) throws(SQLiteError) {
    reset()
    for (index, value) in values.enumerated() { try bind(index, value) }
  }

  /// Binds one parameter, counted from 0.
  ///
  /// - Throws: `SQLiteError` if there is no such parameter.
  package func bind(_ index: Int, _ value: SQLiteValue) throws(SQLiteError) {
    switch value {
    case .null: try check(sqlite3_bind_null(handle, Int32(index + 1)))
    case .integer(let number): try bind(index, integer: number)
    case .text(let text):
      var text = text
      let code = text.withUTF8 { Self.bindText(handle, Int32(index + 1), UnsafeRawBufferPointer($0)) }
      try check(code)
    }
  }

  /// Binds an integer, counted from 0.
  ///
  /// - Throws: `SQLiteError` if there is no such parameter.
  package func bind(_ index: Int, integer: Int64) throws(SQLiteError) { try check(sqlite3_bind_int64(handle, Int32(index + 1), integer)) }

  private static func bindText(_ handle: OpaquePointer, _ index: Int32, _ text: UnsafeRawBufferPointer) -> Int32 {
    // SQLITE_TRANSIENT: SQLite makes its own copy. An empty buffer may have no address, which would mean NULL.
    let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
    guard let start = text.baseAddress else { return sqlite3_bind_text(handle, index, "", 0, transient) }
    return sqlite3_bind_text64(handle, index, start.assumingMemoryBound(to: CChar.self), UInt64(text.count), transient, UInt8(SQLITE_UTF8))
  }

  /// Advances to the next row. Returns false at the end.
  ///
  /// - Throws: `SQLiteError`, for example of kind `constraint` or `busy`; the statement is reset then.
  package func step() throws(SQLiteError) -> Bool {
    let code = sqlite3_step(handle)
    switch code {
    case SQLITE_ROW: return true
    case SQLITE_DONE: return false
    default:
      let error = database.failure(code)
      reset()
      throw error
    }
  }

  /// Runs a statement without rows to its end and resets it.
  ///
  /// - Throws: see ``step()``.
  package func run() throws(SQLiteError) {
    while try step() {}
    reset()
  }

  /// Columns of a result row.
  package var columnCount: Int { Int(sqlite3_column_count(handle)) }

  /// The name of a column, counted from 0.
  package func columnName(_ column: Int) -> String { sqlite3_column_name(handle, Int32(column)).map { String(cString: $0) } ?? "" }

  /// True if the column of the current row is NULL.
  package func isNull(_ column: Int) -> Bool { sqlite3_column_type(handle, Int32(column)) == SQLITE_NULL }

  /// True if SQLite stores the value as a number.
  package func isNumber(_ column: Int) -> Bool {
    let type = sqlite3_column_type(handle, Int32(column))
    return type == SQLITE_INTEGER || type == SQLITE_FLOAT
  }

  /// The value as an integer; 0 for NULL.
  package func integer(_ column: Int) -> Int64 { sqlite3_column_int64(handle, Int32(column)) }

  /// The value as text; nil for NULL.
  package func text(_ column: Int) -> String? {
    // Call sqlite3_column_bytes after sqlite3_column_text, which may convert the value to text.
    guard let start = sqlite3_column_text(handle, Int32(column)) else { return nil }
    return String(decoding: UnsafeBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, Int32(column)))), as: UTF8.self)
  }

  private func check(_ code: Int32) throws(SQLiteError) {
    guard code == SQLITE_OK else { throw database.failure(code) }
  }
}

/// A value for a parameter (`?`) of a statement.
package enum SQLiteValue: Sendable, Equatable {
  case null
  case integer(Int64)
  case text(String)
}

extension SQLiteValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByNilLiteral {
  /// Text.
  package init(stringLiteral value: String) { self = .text(value) }
  /// An integer.
  package init(integerLiteral value: Int64) { self = .integer(value) }
  /// NULL.
  package init(nilLiteral: ()) { self = .null }
}
