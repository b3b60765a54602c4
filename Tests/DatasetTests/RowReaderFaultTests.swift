import Testing

@testable import Dataset

@Suite struct RowReaderFaultTests {
  let resource: Resource

  init() throws {
    resource = try makeResource(
      #"{"name": "day", "type": "date", "format": "%d-%m-%Y"}, {"name": "who"}, {"name": "n", "type": "integer"}"#)
  }

  private func bad(_ csv: String) throws -> [Read] {
    let all = try readRows(csv, resource)
    #expect(try readRows(Array(csv.utf8), resource, by: 1) == all)
    #expect(try readRows(Array(csv.utf8), resource, quick: false) == all)
    return all.filter { if case .bad = $0 { true } else { false } }
  }

  @Test func `a cell of the wrong type is reported with its location`() throws {
    #expect(
      try bad("day,who,n\n01-02-2020,x,1\n31-02-2020,y,2\n01-03-2020,Zoë,n/a\n") == [
        .bad(line: 3, column: 1, reason: #"day: "31-02-2020" is not a date (%d-%m-%Y)"#, original: "31-02-2020,y,2"),
        .bad(line: 4, column: 16, reason: #"n: "n/a" is not a whole number"#, original: "01-03-2020,Zoë,n/a"),
      ])
  }

  @Test func `lines inside quotes count`() throws {
    #expect(
      try bad("day,who,n\r\n01-02-2020,\"a\r\nb\",1\r\n01-02-2020,\"c\r\nd\",x\r\n") == [
        .bad(line: 5, column: 4, reason: #"n: "x" is not a whole number"#, original: "01-02-2020,\"c\r\nd\",x")
      ])
  }

  @Test func `rows that are too short or too long, and blank lines, are rejected`() throws {
    #expect(
      try bad("day,who,n\n01-02-2020,x\n\n01-02-2020,x,1,ä,5\n01-02-2020,x,1\n") == [
        .bad(line: 2, column: 13, reason: "too short: 2 cells, and the header has 3", original: "01-02-2020,x"),
        .bad(line: 3, column: 1, reason: "a blank line", original: ""),
        .bad(line: 4, column: 16, reason: "too long: 5 cells, and the header has 3", original: "01-02-2020,x,1,ä,5"),
      ])
  }

  @Test func `invalid quotes are rejected`() throws {
    #expect(
      try bad("day,who,n\n01-02-2020,\"x\"y,1\n01-02-2020,\"x,1\n") == [
        .bad(
          line: 2, column: 15, reason: "text after a closing quote (a quote inside quotes is written as two)",
          original: "01-02-2020,\"x\"y,1"),
        .bad(line: 3, column: 12, reason: "a quote is opened here and never closed", original: "01-02-2020,\"x,1\n"),
      ])
  }

  @Test func `bytes that are not UTF-8, and U+0000, are rejected`() throws {
    let csv = Array("day,who,n\n01-02-2020,é".utf8) + [0xFF] + Array("x,1\n01-02-2020,a\u{0}b,1\n01-02-2020,z,1\n".utf8)
    for size in [1, 5, .max] {
      let all = try readRows(csv, resource, by: size)
      #expect(
        all == [
          .bad(line: 2, column: 13, reason: "a byte that is not UTF-8 (0xff)", original: "01-02-2020,é\u{FFFD}x,1"),
          .bad(line: 3, column: 12, reason: "who: U+0000 in a text, which no table can hold", original: "01-02-2020,a\u{0}b,1"),
          .row(["2020-02-01", "z", "1"]),
        ])
    }
  }

  @Test func `long values are truncated in messages`() throws {
    let long = String(repeating: "x", count: 100)
    #expect(
      try bad("day,who,n\n01-02-2020,,\(long)\n") == [
        .bad(
          line: 2, column: 13, reason: "n: \"\(String(repeating: "x", count: 40))…\" is not a whole number",
          original: "01-02-2020,,\(long)")
      ])
  }

  @Test(
    arguments: [
      ("", "r.csv:1:1: the file is empty – its first line must be the header: day, who, n"),
      ("day,n\n", "r.csv:1:1: header: the column \"who\" is missing – add it, or describe the file as it is"),
      (
        "x,day,Who\n",
        "r.csv:1:1: header: the columns \"who\", \"n\" are missing – the file contains undeclared columns: \"x\", \"Who\""
      ),
      ("day,who,n,who \n", "r.csv:1:11: header: the column \"who\" appears twice – rename one"),
      ("day,who,\"n\n", "r.csv:1:9: header: a quote is opened here and never closed"),
    ])
  func `a header that does not match ends the reading`(csv: String, message: String) throws {
    let error = #expect(throws: DatasetError.self) { try readRows(csv, resource) }
    #expect(error?.description == message)
    #expect(error?.kind == .data)
  }

  @Test(
    arguments: [
      (
        "Report\n\nday,who,n\n",
        "r.csv:1:1: header: the columns \"day\", \"who\", \"n\" are missing – the header is in line 3; "
          + "remove the lines above it: tail -n +3 r.csv >r.fixed.csv"
      ),
      (
        "\"Report\nof two lines\",,\n,,\nn,who,day\n",
        "r.csv:1:1: header: the columns \"day\", \"who\", \"n\" are missing – the header is in line 4; "
          + "remove the lines above it: tail -n +4 r.csv >r.fixed.csv"
      ),
      (
        "day;who;n\n1;2;3\n",
        "r.csv:1:1: header: the columns \"day\", \"who\", \"n\" are missing – the file has another delimiter: "
          + "set \"dialect\": {\"delimiter\": \";\"} in the description"
      ),
      (
        "day\twho\tn\n",
        "r.csv:1:1: header: the columns \"day\", \"who\", \"n\" are missing – the file has another delimiter: "
          + #"set "dialect": {"delimiter": "\t"} in the description"#
      ),
      ("sep=;\nday;who;n\n", "r.csv:1:1: line 1 is Excel's sep=;, not the header – leave it out: tail -n +2 r.csv >r.fixed.csv"),
      (
        "\u{FEFF}\"sep=,\"\r\nday,who,n\n",
        "r.csv:1:1: line 1 is Excel's sep=,, not the header – leave it out: tail -n +2 r.csv >r.fixed.csv"
      ),
    ])
  func `a header in another line or with another delimiter is found`(csv: String, message: String) throws {
    let error = #expect(throws: DatasetError.self) { try readRows(csv, resource) }
    #expect(error?.description == message)
    #expect(error?.kind == .data)
  }

  @Test(
    arguments: [
      ([0x1F, 0x8B, 8, 0], "x.csv.gz", "this is gzip, not CSV – unpack it: gzip -dc x.csv.gz >x.csv"),
      ([0x1F, 0x8B, 8, 0], "my file.csv", "this is gzip, not CSV – unpack it: gzip -dc 'my file.csv' >'my file.fixed.csv'"),
      ([0x28, 0xB5, 0x2F, 0xFD, 0], "x.zst", "this is zstd, not CSV – unpack it: zstd -dc x.zst >x"),
      ([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0], "x.xz", "this is xz, not CSV – unpack it: xz -dc x.xz >x"),
      (Array("BZh9".utf8), "-", "this is bzip2, not CSV – unpack it: bzip2 -dc ./'-' >./'-.fixed.csv'"),
      ([0x1F, 0x8B, 8, 0], "standard input", "this is gzip, not CSV – unpack it: gzip -dc, in the pipe before this program"),
      (Array("PK\u{3}\u{4}....a.csv".utf8), "x.zip", "this is zip, not CSV – unpack it: unzip -p x.zip >x"),
      (
        Array("PK\u{3}\u{4}....[Content_Types].xml..xl/workbook.xml".utf8), "x.csv",
        "this is a spreadsheet (xlsx), not CSV – save the sheet as CSV in UTF-8"
      ),
      (
        Array("PK\u{3}\u{4}..mimetypeapplication/vnd.oasis.opendocument.spreadsheet".utf8), "x",
        "this is a spreadsheet (ods), not CSV – save the sheet as CSV in UTF-8"
      ),
      (
        Array("PK\u{3}\u{4}..docProps/thumbnail.png".utf8), "x.XLSX",
        "this is a spreadsheet (xlsx), not CSV – save the sheet as CSV in UTF-8"
      ),
      ([0xD0, 0xCF, 0x11, 0xE0], "x.xls", "this is an old spreadsheet (xls), not CSV – export the rows as CSV in UTF-8"),
      (Array("PAR1".utf8), "x", "this is Parquet, not CSV – export the rows as CSV in UTF-8"),
      ([0xFE, 0xFF, 0, 0x61], "x.csv", "this is UTF-16 – convert it: iconv -f utf-16 -t utf-8 x.csv >x.fixed.csv"),
      ([0x61, 0, 0x2C, 0, 0x62, 0, 0x0A, 0], "x.csv", "this is UTF-16LE – convert it: iconv -f utf-16le -t utf-8 x.csv >x.fixed.csv"),
      (
        Array("<!DOCTYPE html><html>".utf8), "x.csv",
        "this is a web page (HTML), not CSV – download the file itself: its address may ask for a login"
      ),
      (
        Array((String(repeating: "\r\n", count: 60) + "<html>\n").utf8), "x.csv",
        "this is a web page (HTML), not CSV – download the file itself: its address may ask for a login"
      ),
      (
        Array(("{" + String(repeating: " \n", count: 60) + "\"a\": 1}").utf8), "x.csv",
        "this is JSON, not CSV – export the rows as CSV in UTF-8"
      ),
      (Array("[\n {\"a\": 1}]".utf8), "x.csv", "this is JSON, not CSV – export the rows as CSV in UTF-8"),
    ] as [([UInt8], String, String)])
  func `files that are not UTF-8 CSV are reported with a hint, by the reader and by describe`(bytes: [UInt8], file: String, message: String)
  {
    for size in [1, 7, .max] {
      let read = #expect(throws: DatasetError.self) {
        var reader = RowReader(resource: resource, source: file, read: feed(bytes, by: size))
        try reader.readHeader()
      }
      let described = #expect(throws: DatasetError.self) { try SchemaInference.describe(source: file, read: feed(bytes, by: size)) }
      #expect(read?.description == "\(file):1:1: \(message)")
      #expect(described == read)
    }
  }

  @Test(
    arguments: [
      // Zürich, in the encoding of a Windows spreadsheet, and a euro sign with curly quotes.
      (
        [0x5A, 0xFC, 0x72],
        "it is most likely windows-1252, as spreadsheets write it; convert it: iconv -f windows-1252 -t utf-8 r.csv >r.fixed.csv"
      ),
      (
        [0x80, 0x20, 0x93, 0x61, 0x94],
        "it is most likely windows-1252, as spreadsheets write it; convert it: iconv -f windows-1252 -t utf-8 r.csv >r.fixed.csv"
      ),
      // Cyrillic, Japanese, and a byte that Windows-1252 does not have.
      ([0xC4, 0xE0, 0xF2, 0xE0], "find out its encoding, then convert it: iconv -f ENCODING -t utf-8 r.csv >r.fixed.csv"),
      ([0x81, 0x40], "find out its encoding, then convert it: iconv -f ENCODING -t utf-8 r.csv >r.fixed.csv"),
      ([0xC3, 0xA4, 0x20, 0xFC], "the rest of it is UTF-8: fix that character"),
      // Bytes of a binary file, one pair of which is UTF-8 by chance.
      ([0xC3, 0xA4, 0x01, 0xFC, 0x02, 0x9B, 0x05, 0xFF], "it is not a text file"),
    ] as [([UInt8], String)])
  func `an encoding is named only if it can be recognized`(text: [UInt8], hint: String) {
    let header = #expect(throws: DatasetError.self) { try readRows(text + Array(",who,n\n".utf8), resource) }
    #expect(header?.hint == hint)
    let described = #expect(throws: DatasetError.self) {
      try SchemaInference.describe(source: "r.csv", read: feed(text + Array(",b\n1,2\n".utf8)))
    }
    #expect(described?.hint == hint)
    let row = #expect(throws: DatasetError.self) {
      try SchemaInference.describe(source: "r.csv", read: feed(Array("a,b\n".utf8) + text + Array(",2\n".utf8)))
    }
    #expect(row?.hint == hint)
    #expect(row?.line == 2)
  }

  @Test func `fieldsMatch is enforced`() throws {
    let equal = try makeResource(#"{"name": "a"}, {"name": "b"}"#, schema: #""fieldsMatch": ["equal"]"#)
    #expect(try readRows("b,a\n1,2\n", equal) == [.row(["2", "1"])])
    let surplus = #expect(throws: DatasetError.self) { try readRows("a,b,c\n", equal) }
    #expect(surplus?.message == "header: the column \"c\" is not described")
    let exact = try makeResource(#"{"name": "a"}, {"name": "b"}"#, schema: #""fieldsMatch": "exact""#)
    let order = #expect(throws: DatasetError.self) { try readRows("b,a\n", exact) }
    #expect(order?.message == "header: the column \"b\" is not in the description's order")
  }

  @Test func `UTF-16 and a quote that is never closed are reported immediately`() throws {
    let utf16 = #expect(throws: DatasetError.self) { try readRows([0xFF, 0xFE, 0x64, 0x00], resource) }
    #expect(utf16?.description == "r.csv:1:1: this is UTF-16 – convert it: iconv -f utf-16 -t utf-8 r.csv >r.fixed.csv")
    let csv = "day,who,n\n01-02-2020,\"" + String(repeating: "x\n", count: 200)
    let endless = #expect(throws: DatasetError.self) { try readRows(Array(csv.utf8), resource, by: 10, maximum: 100) }
    #expect(
      endless?.description == "r.csv:2:1: a record of more than 100 bytes begins here – most likely a quote in it is never closed")
  }

  @Test func `errors of the read function are passed through`() throws {
    struct Gone: Error {}
    var reader = RowReader(resource: resource, source: "r.csv") { _ in throw Gone() }
    #expect(throws: Gone.self) { try reader.readHeader() }
  }
}
