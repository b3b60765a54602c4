import Foundation
import SQLite
import Testing

@Suite struct SQLiteDatabaseTests {
  private func withFile(_ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("sqlite-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(folder.appendingPathComponent("test.db").path)
  }

  private func sqliteError(_ body: () throws -> Any?) throws -> SQLiteError? {
    do {
      _ = try body()
      return nil
    } catch let error as SQLiteError {
      return error
    }
  }

  @Test func `values are read back unchanged`() throws {
    try withFile { (file) throws in
      let database = try SQLiteDatabase(file, .create)
      defer { database.close() }
      try database.execute("CREATE TABLE t (a INTEGER, b TEXT) STRICT")
      let insert = try database.prepare("INSERT INTO t VALUES (?, ?)")
      try insert.bind([.integer(.max), "it's ünïcode"])
      try insert.run()
      try insert.bind([.null, ""])
      try insert.run()
      #expect(try database.query("SELECT a, b FROM t ORDER BY a DESC") == [["9223372036854775807", "it's ünïcode"], [nil, ""]])
      #expect(try database.query("SELECT count(*) FROM t WHERE b = ?", [""]) == [["1"]])
    }
  }

  @Test func `a failed transaction leaves no rows`() throws {
    struct GaveUp: Error {}
    try withFile { (file) throws in
      let database = try SQLiteDatabase(file, .create)
      defer { database.close() }
      try database.execute("CREATE TABLE t (a INTEGER)")
      try database.transaction { try database.execute("INSERT INTO t VALUES (1)") }
      #expect(throws: GaveUp.self) {
        try database.transaction {
          try database.execute("INSERT INTO t VALUES (2)")
          throw GaveUp()
        }
      }
      #expect(try database.query("SELECT a FROM t") == [["1"]])
    }
  }

  @Test func `the data version changes when another connection writes`() throws {
    try withFile { (file) throws in
      let writer = try SQLiteDatabase(file, .create)
      let reader = try SQLiteDatabase(file, .readOnly)
      defer {
        writer.close()
        reader.close()
      }
      let before = try reader.dataVersion()
      #expect(try reader.dataVersion() == before)
      try writer.execute("CREATE TABLE t (a INTEGER)")
      #expect(try reader.dataVersion() != before)
    }
  }

  @Test func `errors have the right kind`() throws {
    try withFile { (file) throws in
      #expect(try sqliteError { try SQLiteDatabase(file + "/none/x.db", .create) }?.kind == .cannotOpen)
      #expect(try sqliteError { try SQLiteDatabase(file, .readOnly) }?.kind == .cannotOpen)
      let writer = try SQLiteDatabase(file, .create)
      let other = try SQLiteDatabase(file, .readWrite, busySeconds: 0)
      defer {
        writer.close()
        other.close()
      }
      try writer.execute("CREATE TABLE t (a INTEGER PRIMARY KEY) STRICT")
      #expect(try sqliteError { try writer.execute("INSERT INTO t VALUES ('x')") }?.kind == .constraint)
      #expect(try sqliteError { try writer.execute("SELEC") }?.kind == .other)
      try writer.execute("BEGIN IMMEDIATE")
      #expect(try sqliteError { try other.execute("INSERT INTO t VALUES (1)") }?.kind == .busy)
      try writer.execute("ROLLBACK")
      try Data("this is not a database, as anyone can see who reads it: it is text of more than a hundred bytes in one line".utf8)
        .write(to: URL(fileURLWithPath: file + ".txt"))
      #expect(try sqliteError { try SQLiteDatabase(file + ".txt", .readOnly).query("SELECT * FROM sqlite_schema") }?.kind == .notADatabase)
    }
  }

  @Test func `close is idempotent, and names and texts are quoted`() throws {
    try withFile { (file) throws in
      let database = try SQLiteDatabase(file, .create)
      database.close()
      database.close()
      #expect(throws: SQLiteError(code: 21, message: "the file is closed", file: file)) { try database.execute("SELECT 1") }
      #expect(SQLiteDatabase.quoteIdentifier("a \"b\"") == "\"a \"\"b\"\"\"")
      #expect(SQLiteDatabase.quoteLiteral("it's") == "'it''s'")
    }
  }
}
