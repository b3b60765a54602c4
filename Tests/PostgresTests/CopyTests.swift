import Postgres
import Testing

@Suite struct CopyTests {
  struct GaveUp: Error {}

  private func withTable(_ body: (PostgresConnection) throws -> Void) throws {
    let connection = try PostgresServer.open()
    defer { connection.close() }
    try connection.execute("CREATE TEMP TABLE t (a int, b text)")
    try body(connection)
    // In any case the session has left the COPY.
    #expect(try connection.query("SELECT 1").firstValue == "1")
  }

  @Test func `text is copied in and out`() throws {
    try withTable { (connection) throws in
      let count = try connection.copyIn("COPY t FROM STDIN") { writer in
        try writer.write("1\tone\n2")
        try writer.write("\t\\N\n")
      }
      #expect(count == 2)
      var lines = ""
      try connection.copyOut("COPY (SELECT * FROM t ORDER BY a) TO STDOUT") { lines += String(decoding: $0, as: UTF8.self) }
      #expect(lines == "1\tone\n2\t\\N\n")
    }
  }

  @Test func `binary data is copied in`() throws {
    try withTable { (connection) throws in
      let header: [UInt8] = Array("PGCOPY\n".utf8) + [0xff, 0x0d, 0x0a, 0] + [UInt8](repeating: 0, count: 8)
      let row: [UInt8] = [0, 2, 0, 0, 0, 4, 0, 0, 1, 0, 0, 0, 0, 2, 0x68, 0x69]
      #expect(try connection.copyIn("COPY t FROM STDIN (FORMAT binary)") { try $0.write(header + row + [0xff, 0xff]) } == 1)
      #expect(try connection.query("SELECT * FROM t").rows == [["256", "hi"]])
    }
  }

  @Test func `a large buffer is written with one call`() throws {
    try withTable { (connection) throws in
      let line = Array("7\tsome words to fill the line\n".utf8)
      var buffer: [UInt8] = []
      for _ in 0..<300_000 { buffer += line }
      #expect(try connection.copyIn("COPY t FROM STDIN") { try $0.write(buffer) } == 300_000)
    }
  }

  @Test func `a body that throws aborts the COPY, and its error is rethrown`() throws {
    try withTable { (connection) throws in
      #expect(throws: GaveUp.self) {
        try connection.copyIn("COPY t FROM STDIN") { writer in
          try writer.write("1\tone\n")
          throw GaveUp()
        }
      }
      #expect(try connection.query("SELECT count(*) FROM t").firstValue == "0")
    }
  }

  @Test func `the server's error is thrown when it rejects a row`() throws {
    try withTable { (connection) throws in
      let error = try postgresError { try connection.copyIn("COPY t FROM STDIN") { try $0.write("x\tone\n") } }
      #expect(error?.sqlstate == "22P02")
      #expect(error?.kind == .data)
    }
  }

  @Test func `copyIn rejects other statements, and a COPY run as a plain statement is aborted`() throws {
    try withTable { (connection) throws in
      #expect(throws: PostgresError(kind: .internal, message: "not a COPY … FROM STDIN")) { try connection.copyIn("SELECT 1") { _ in } }
      #expect(throws: PostgresError(kind: .internal, message: "not a COPY … TO STDOUT")) { try connection.copyOut("SELECT 1") { _ in } }
      #expect(throws: PostgresError(kind: .internal, message: "a COPY was run as a plain statement")) {
        try connection.execute("COPY t FROM STDIN")
      }
      #expect(throws: PostgresError(kind: .internal, message: "a COPY was run as a plain statement")) {
        try connection.execute("COPY t TO STDOUT")
      }
    }
  }

  @Test func `after a reader of a COPY throws, the session is usable`() throws {
    try withTable { (connection) throws in
      #expect(throws: GaveUp.self) {
        try connection.copyOut("COPY (SELECT generate_series(1, 100000)) TO STDOUT") { _ in throw GaveUp() }
      }
    }
  }
}
