import Testing

@testable import Dataset

@Suite struct RowReaderTests {
  let resource: Resource

  init() throws { resource = try makeResource(#"{"name": "a"}, {"name": "b"}"#) }

  @Test(
    arguments: [
      ("a,b\n1,2\n", [["1", "2"]]),
      ("a,b\n1,2", [["1", "2"]]),
      ("a,b\r\n1,2\r\n3,4\r\n", [["1", "2"], ["3", "4"]]),
      ("a,b\r1,2\r3,4", [["1", "2"], ["3", "4"]]),
      ("\u{FEFF}a,b\n1,2\n", [["1", "2"]]),
      ("\u{FEFF}\"a\",b\n1,2\n", [["1", "2"]]),
      ("a,b\n1,2\n\n", [["1", "2"]]),
      ("a,b\n1,2\r\n\r\n\n", [["1", "2"]]),
      ("a,b\n", []),
      ("a,b", []),
      ("a,b\n\"1\",\"2\"\n", [["1", "2"]]),
      ("a,b\n\"x, y\",\"say \"\"hi\"\"\"\n", [["x, y", "say \"hi\""]]),
      ("a,b\n\"one\ntwo\r\nthree\",2\n3,4", [["one\ntwo\r\nthree", "2"], ["3", "4"]]),
      ("a,b\n\"\",\"\"\"\"\n", [[nil, "\""]]),
      ("a,b\n5\" disk,2\n", [["5\" disk", "2"]]),
      ("a,b\n  x , y \n", [["  x ", " y "]]),
      ("b,a\n1,2\n", [["2", "1"]]),
      ("x,b,a,\n9,1,2,\n", [["2", "1"]]),
      (" a ,\"b\"\n1,2\n", [["1", "2"]]),
      ("a,b\nÄö,😀\n", [["Äö", "😀"]]),
    ] as [(String, [[String?]])])
  func `common CSV spellings are read`(csv: String, rows: [[String?]]) throws {
    let expected = rows.map(Read.row)
    #expect(try readRows(csv, resource) == expected)
    #expect(try readRows(Array(csv.utf8), resource, quick: false) == expected)
    for size in 1...9 { #expect(try readRows(Array(csv.utf8), resource, by: size) == expected, "in pieces of \(size)") }
  }

  @Test func `headers match with blanks folded, and undeclared headers are reported`() throws {
    let resource = try makeResource(#"{"name": " EMEA  Members"}, {"name": "b"}"#)
    #expect(resource.fields.map(\.header) == ["EMEA  Members", "b"])
    var reader = RowReader(resource: resource, source: "r.csv", read: feed(Array("more , EMEA\t Members ,b\n0,1,2\n".utf8)))
    try reader.readHeader()
    #expect(reader.ignoredHeaders == ["more"])
    var row = Row()
    #expect(try reader.next(into: &row) == .row)
    #expect(row.string(at: 0) == "1")
    #expect(reader.line == 2)
    #expect(try reader.next(into: &row) == .end)
    #expect(try reader.next(into: &row) == .end)
  }

  @Test func `other dialects are read`() throws {
    let fields = #"{"name": "a"}, {"name": "b"}"#
    let semicolon = try makeResource(fields, resource: ##""dialect": {"delimiter": ";", "quoteChar": "'", "commentChar": "#"}"##)
    #expect(
      try readRows("# it's\na;b\n'1;2';\"x\n#'\n3;4#\n", semicolon) == [.row(["1;2", "\"x"]), .row(["3", "4#"])])
    let spaced = try makeResource(fields, resource: #""dialect": {"skipInitialSpace": true}"#)
    #expect(try readRows("a, b\n1, \"2, 3\"\n", spaced) == [.row(["1", "2, 3"])])
    let headerless = try makeResource(fields, resource: #""dialect": {"header": false, "delimiter": "\t"}"#)
    #expect(try readRows("1\t2\n", headerless) == [.row(["1", "2"])])
    let caseless = try makeResource(fields, resource: #""dialect": {"caseSensitiveHeader": false}"#)
    #expect(try readRows("A,B\n1,2\n", caseless) == [.row(["1", "2"])])
  }

  @Test func `a row of empty cells is blank and does not count as a row`() throws {
    let keyed = try makeResource(#"{"name": "a", "type": "integer"}, {"name": "b", "type": "date"}"#, schema: #""primaryKey": "a""#)
    let csv = "a,b\n,\n1,2020-01-31\n\"\",\r\n,\n2,2020-02-29\n, \n,"
    let expected: [Read] = [
      .blank, .row(["1", "2020-01-31"]), .blank, .blank, .row(["2", "2020-02-29"]),
      .bad(line: 7, column: 1, reason: "a: part of the key, and has no value", original: ", "), .blank,
    ]
    for size in [1, 3, .max] { #expect(try readRows(Array(csv.utf8), keyed, by: size) == expected) }
    #expect(try readRows(Array(csv.utf8), keyed, quick: false) == expected)
    // Undeclared columns count too, and so does an empty quoted cell.
    #expect(
      try readRows("x,a,b\n,,\n1,,\n", try makeResource(#"{"name": "a"}, {"name": "b", "missingValues": ["-"]}"#)) == [
        .blank, .row([nil, ""]),
      ])
    let one = try makeResource(#"{"name": "a"}"#)
    #expect(try readRows("a\n1\n\n2\n\n", one) == [.row(["1"]), .blank, .row(["2"])])
  }

  @Test func `the current record can be rejected with its bytes`() throws {
    var reader = RowReader(resource: resource, source: "r.csv", read: feed(Array("a,b\r\n1,\"2\n3\"\r\n4,5\r\n".utf8), by: 4))
    var row = Row()
    let reason = RejectReason(.outOfRange, "too large")
    for (line, original) in [(2, "1,\"2\n3\""), (4, "4,5")] {
      #expect(try reader.next(into: &row) == .row)
      #expect(reader.rejected(reason) == RejectedRow(line: line, column: 1, reason: reason, original: Array(original.utf8)))
    }
  }

  @Test func `memory use depends on the longest record, not on the file`() throws {
    let line = Array("0123456789,0123456789\n".utf8)
    var sent = 0
    var largest = 0
    var reader = RowReader(resource: resource, source: "r.csv") { chunk in
      largest = max(largest, chunk.count)
      if sent == 0 {
        sent = 1
        chunk.replaceSubrange(0..<4, with: Array("a,b\n".utf8))
        return 4
      }
      guard sent < 200_000 else { return 0 }
      let lines = min(chunk.count / line.count, 200_000 - sent)
      for index in 0..<lines { chunk.replaceSubrange(index * line.count..<(index + 1) * line.count, with: line) }
      sent += lines
      return lines * line.count
    }
    var row = Row()
    var rows = 0
    var most = 0
    while try reader.next(into: &row) == .row {
      rows += 1
      most = max(most, reader.buffer.bytes.count)
    }
    #expect(rows == 199_999)
    #expect(most <= 2 * ChunkBuffer.chunkSize)
  }
}
