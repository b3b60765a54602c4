import Testing

@testable import Dataset

@Suite struct SchemaInferenceTests {
  /// Describes a CSV, and holds the description to reading it again.
  private func describe(_ csv: String, source: String = "in/My File.csv") throws -> (resource: Resource, notes: [String]) {
    let result = try SchemaInference.describe(source: source, read: feed(Array(csv.utf8), by: 5))
    let resource = try DataPackage(json: Array(result.json.utf8), file: "d.json").resources[0]
    let rows = try readRows(csv, resource).filter { $0 != .blank }
    #expect(rows.allSatisfy { if case .row = $0 { true } else { false } })
    #expect(rows.count == result.rows)
    return (resource, result.notes)
  }

  private func pattern(_ source: String) throws -> TemporalFormat { .pattern(try TimePattern(source)) }

  @Test func `the inferred description of the real file matches its description`() throws {
    let csv = String(decoding: try RealData.bytes("netflix_revenue_updated.csv"), as: UTF8.self)
    let (resource, notes) = try describe(csv, source: "data/netflix_revenue_updated.csv")
    let described = try RealData.resource()
    #expect(resource.fields.map(\.type) == described.fields.map(\.type))
    #expect(resource.fields.map(\.header) == described.fields.map(\.header))
    #expect(resource.fields.map(\.decimals) == described.fields.map(\.decimals))
    #expect(resource.primaryKey == described.primaryKey)
    #expect(resource.path == "netflix_revenue_updated.csv")
    #expect(notes == ["the key is \"Date\": no value is missing or repeated in 21 rows"])
  }

  @Test func `names fit Kafka, SQL and the standard`() throws {
    let (resource, _) = try describe("a b,A-B,landed_at\n1,2,3\n")
    #expect([resource.name, resource.topic, resource.table, resource.path] == ["my-file", "my-file", "my_file_raw", "My File.csv"])
    #expect(resource.fields.map(\.column) == ["a_b", "a_b_2", "landed_at_"])
    #expect(try describe("xmin,ctid\n1,2\n").resource.fields.map(\.column) == ["xmin_", "ctid_"])
  }

  @Test func `more columns than a table can have are rejected`() {
    let csv = (0..<1597).map { "c\($0)" }.joined(separator: ",") + "\n"
    let error = #expect(throws: DatasetError.self) { try describe(csv) }
    #expect(error?.description.contains("1597 columns, and a table has room for 1596") == true)
  }

  @Test(
    arguments: [
      (["1", "-2", "9223372036854775807"], FieldType.integer(NumberFormat())),
      (["1", "9223372036854775808"], .number(NumberFormat())), (["1.5", "2"], .number(NumberFormat())),
      (["007", "123"], .string), (["+49", "1"], .string),
      (["true", "false"], .boolean(BooleanFormat(trueValues: ["true", "True", "TRUE"], falseValues: ["false", "False", "FALSE"]))),
      (["2020-01-31"], .date(.iso)), (["2020-01-31T10:00:00Z"], .datetime(.iso)), (["10:00:00"], .time(.iso)), (["1", "x"], .string),
      (["NA", "x"], .string), (["\"1,234,567.5\"", "1"], .number(NumberFormat(groupChar: ","))),
    ] as [([String], FieldType)])
  func `types of a column`(cells: [String], type: FieldType) throws {
    let (resource, _) = try describe("f,g\n" + cells.map { "\($0),x\n" }.joined())
    #expect(resource.fields[0].type == type)
  }

  @Test(
    arguments: [
      // Codes and scores.
      ["0412", "2301", "0087"], ["007", "010"], ["2:1", "16:9"], ["2:10", "4:30"], ["12E4", "13E5"], ["1E5"], ["5e-3x"], ["12e-4"],
      ["+1", "2"],
      ["1_000"], ["0x10"], [".5"], ["5."], ["1 000 0"], ["--1"], ["0.123,5"], ["-0"], ["-0", "0", "1"], ["-0.0"], ["-0,00"], ["-0E+1"],
      ["-0.0E-300"],
      // One column, two spellings.
      ["TRUE", "false", "true"], ["yes", "No", "YES", "no"], ["TRUE", "1"], ["true", "0"], ["31-JAN-2019", "28-Feb-2019"],
      ["01/13/2020", "1/14/2020"], ["9:05 AM", "09:10 AM"], ["9:05 AM", "9:10 pm"], ["2020-01-31 9:00", "2020-01-31 09:30"],
      ["13.  Jan 2020"], ["'1,234,567'", "1234"], ["1'234'567", "1234"],
      // One word alone: Norway, an initial.
      ["no", "no"], ["N"], ["t", "t"],
      // No days, no times.
      ["2019-02-30"], ["25:00"], ["24:00:00"], ["2019-01-31 10:00:00+1"], ["1e999999"], ["Infinity"],
    ])
  func `a type is inferred only if each cell can be written again unchanged`(cells: [String]) throws {
    let (resource, _) = try describe("f;g\n" + cells.map { "\($0);x\n" }.joined())
    #expect(resource.fields[0].type == .string, "\(cells)")
  }

  @Test(
    arguments: [
      (["2019-01-31 10:00:00", "2019-02-01 10:30:00"], "%Y-%m-%d %H:%M:%S"), (["2019-01-31 10:00"], "%Y-%m-%d %H:%M"),
      (["2019-01-31 10:00:00.123456", "2019-01-31 10:00:00.5"], "%Y-%m-%d %H:%M:%S.%f"),
      (["2019-01-31 10:00:00+00:00"], "%Y-%m-%d %H:%M:%S%z"),
      (["2019-01-31 10:00:00 +0000"], "%Y-%m-%d %H:%M:%S %z"), (["2019-01-31 10:00:00 UTC"], "%Y-%m-%d %H:%M:%S UTC"),
      (["2019-01-31T10:00"], "%Y-%m-%dT%H:%M"), (["1/31/2019 10:00 AM", "2/1/2019 9:05 PM"], "%m/%d/%Y %I:%M %p"),
      (["31.01.2019 09:00:00"], "%d.%m.%Y %H:%M:%S"), (["2019-01-31 10:00:00+00"], nil),
      (["2019-01-31 10:00:00", "2019-01-31 10:00:00.5"], nil),
      (["2019-01-31 10:00:00.5+00", "2019-01-31 10:00:00+05:30"], nil), (["2019-01-31T10:00:00Z", "2019-01-31T10:00:00.5+02:00"], nil),
    ] as [([String], String?)])
  func `SQL's and other programs' dates and times`(cells: [String], format: String?) throws {
    let (resource, _) = try describe("f,g\n" + cells.map { "\($0),x\n" }.joined())
    #expect(resource.fields[0].type == .datetime(try format.map(pattern) ?? .iso))
  }

  @Test func `dates with names of months, and times with AM and PM`() throws {
    let (resource, _) = try describe("a,b,c,d\n31-JAN-19,1 May 2019,9:05 AM,t\n01-FEB-19,31 Jan 2019,10:00 PM,f\n")
    #expect(
      resource.fields.map(\.type) == [
        .date(try pattern("%d-%b-%y")), .date(try pattern("%d %b %Y")), .time(try pattern("%I:%M %p")),
        .boolean(BooleanFormat(trueValues: ["t"], falseValues: ["f"])),
      ])
  }

  @Test func `a year is recognized by its header's last word and its range`() throws {
    let headers = ["fiscal_year", "Model Year", "birthYear", "yearly_sales", "midyear_score", "years_open", "goodyear", "sales per year"]
    let (resource, _) = try describe(headers.joined(separator: ",") + "\n2019,2019,2019,1234,1500,1200,2019,1234\n")
    #expect(resource.fields.map(\.type.name) == ["year", "year", "year", "integer", "integer", "integer", "integer", "integer"])
  }

  @Test func `decimal places count exponents`() throws {
    let (resource, _) = try describe("a,b,c,d\n1.5E-07,2e-8,1.5E+06,1.0E10\n1E-7,1,3E+06,0.25\n")
    #expect(resource.fields.map(\.decimals) == [8, 8, 0, 2])
  }

  @Test func `group and decimal characters of other locales are recognized`() throws {
    let (resource, notes) = try describe("a;b;c;d\n1.234,50;12,5;1\u{A0}234,5;1'234.5\n999,00;7,25;12,0;1.0\n")
    #expect(
      resource.fields.map(\.type) == [
        .number(NumberFormat(decimalChar: ",", groupChar: ".")), .number(NumberFormat(decimalChar: ",")),
        .number(NumberFormat(decimalChar: ",", groupChar: "\u{A0}")), .number(NumberFormat(groupChar: "'")),
      ])
    #expect(notes.count == 1)
    // Which decimal mark none of them has does not matter.
    let (whole, _) = try describe("a;b\n1 234;9223372036854775808\n12 345;1\n")
    #expect(whole.fields.map(\.type) == [.number(NumberFormat(decimalChar: ",", groupChar: " ")), .number(NumberFormat())])
  }

  @Test func `a few cells that do not match are reported, and the column stays a string`() throws {
    let days = (1...28).map { "2020-01-\($0 < 10 ? "0" : "")\($0),\($0)\n" }.joined()
    let (resource, notes) = try describe("day,amount\n\(days)Total,406\n")
    #expect(resource.fields.map(\.type) == [.string, .integer(NumberFormat())])
    #expect(notes.first == "\"day\" is a date except in line 30, \"Total\": it is left a string; fix or remove what is odd")
    let (_, more) = try describe("day,amount\n\(days)Total,x\nq,?\n")
    #expect(
      more.prefix(2) == [
        "\"day\" is a date except in line 30, \"Total\" and line 31, \"q\": it is left a string; fix or remove what is odd",
        "\"amount\" is an integer except in line 30, \"x\" and line 31, \"?\": it is left a string; fix or remove what is odd",
      ])
    let (_, few) = try describe("n,m\n1,x\nx,y\n")
    #expect(few == ["the key is \"n\": no value is missing or repeated in 2 rows"])
    let (typed, words) = try describe("n,m\n1,n/a\n2,3\n3,-\n")
    #expect(typed.fields[1].missingValues == ["", "n/a", "-"])
    #expect(words.first == "\"m\": \"n/a\" (line 2) and \"-\" (line 4) count as no value")
  }

  @Test(
    arguments: [
      ("Year;Revenue (USD, m)\n2019;12,5\n2020;13,5\n", ";", ["Year", "Revenue (USD, m)"]),
      ("Name;Alias (a, b)\nx;y, z\nu;v, w\n", ";", ["Name", "Alias (a, b)"]),
      ("Revenue (USD, m)\n12\n13\n", ";", ["Revenue (USD, m)"]),
      ("a;b,c\nx;y,3\nz;w,6\n", ",", ["a;b", "c"]),
      ("a|b\tc,d\n1|2\t3\n4|5\t6\n", "\t", ["a|b", "c,d"]), ("one\nx\n", ",", ["one"]),
      ("a, b, c\n1, \"x, y\", 3\n4, z, 5\n", ",", ["a", "b", "c"]), ("name;pair\na;x,y\nb;z,w\n", ";", ["name", "pair"]),
      ("name\nDoe, Jane\nRoe, Joe\n", ";", ["name"]),
    ])
  func `the delimiter is that of the rows, regardless of the header`(csv: String, delimiter: String, headers: [String]) throws {
    let (resource, _) = try describe(csv)
    #expect(resource.dialect.delimiter == delimiter.utf8.first)
    #expect(resource.fields.map(\.header) == headers)
  }

  @Test func `blanks after each delimiter belong to the dialect, other blanks to the text`() throws {
    let (spaced, _) = try describe("a, b\n1, 2\n3, 4\n")
    #expect(spaced.dialect.skipInitialSpace)
    #expect(spaced.fields.map(\.type) == [.integer(NumberFormat()), .integer(NumberFormat())])
    let (padded, _) = try describe(" a , b \n1,x\n2, y\n")
    #expect(!padded.dialect.skipInitialSpace)
    #expect(padded.fields.map(\.header) == ["a", "b"])
    #expect(try readRows(" a , b \n1,x\n2, y\n", padded) == [.row(["1", "x"]), .row(["2", " y"])])
  }

  @Test func `an index without a header and empty columns are left out, with a note`() throws {
    let (index, notes) = try describe(",id,x\n0,a,1\n1,b,2\n")
    #expect(index.fields.map(\.header) == ["id", "x"])
    #expect(index.dialect.headerMatch == .subset)
    #expect(notes.first == "column 1 has no header, as an index that pandas or R writes: it is left out")
    let (padded, more) = try describe("id,x,,\n1,2,,\n2,3,,\n,,,\n")
    #expect(padded.fields.map(\.header) == ["id", "x"])
    #expect(
      more == [
        "1 blank row of in/My File.csv was skipped", "column 3 has neither a header nor values: it is left out",
        "column 4 has neither a header nor values: it is left out",
        "the key is \"id\": no value is missing or repeated in 2 rows",
      ])
  }

  @Test func `headers in other scripts get transliterated column names, or else numbered ones`() throws {
    let csv = "Дата,日期,€,Umsatz\n1,2,3,4\n"
    let latin = ["Дата": "Data", "日期": "rì qi\u{301}"]
    let result = try SchemaInference.describe(source: "x.csv", transliterate: { latin[$0] ?? $0 }, read: feed(Array(csv.utf8)))
    let resource = try DataPackage(json: Array(result.json.utf8), file: "d.json").resources[0]
    #expect(resource.fields.map(\.column) == ["data", "r_qi", "column_3", "umsatz"])
    #expect(result.notes.first == "\"€\" has no letter or digit to name a column by: it is called column_3")
    #expect(try describe(csv).resource.fields.map(\.column) == ["column_1", "column_2", "column_3", "umsatz"])
  }

  @Test func `an ambiguous date format is not guessed`() throws {
    let (open, notes) = try describe("f\n01/02/2020\n03/04/2020\n")
    #expect(open.fields[0].type == .string)
    #expect(notes.first == "\"f\" can be read as %d/%m/%Y or as %m/%d/%Y: it is left a string; set its type and format yourself")
    let (closed, _) = try describe("f\n01/02/2020\n13/04/2020\n")
    #expect(closed.fields[0].type == .date(.pattern(try TimePattern("%d/%m/%Y"))))
    let (american, _) = try describe("f\n01/02/2020 10:00\n01/13/2020 11:30\n")
    #expect(american.fields[0].type == .datetime(.pattern(try TimePattern("%m/%d/%Y %H:%M"))))
  }

  @Test func `an ambiguous decimal character is not guessed`() throws {
    let (resource, notes) = try describe("f;g\n1.234;1.234\n5.678;1.5\n")
    #expect(resource.fields.map(\.type) == [.string, .number(NumberFormat())])
    #expect(
      notes.first
        == "\"f\" can be read as a number or as a number with the decimal character ,: it is left a string; set its type and format yourself"
    )
  }

  @Test(
    arguments: [
      (["12%", "-13.5%"], ["12", "-13.5"]), (["$5", "-$6.25", "$ 1,234"], ["5", "-6.25", "1234"]),
      (["1.234,5 €", "13 €"], ["1234.5", "13"]),
      (["5\u{A0}%"], ["5"]), (["£3", "£-4"], ["3", "-4"]),
    ])
  func `numbers with a unit stay texts, and what the note says to set reads them`(cells: [String], numbers: [String]) throws {
    let csv = "a;b\n" + cells.map { "\($0);x\n" }.joined()
    let (resource, notes) = try describe(csv)
    #expect(resource.fields[0].type == .string)
    let note = try #require(notes.first)
    let members = try #require(note.wholeMatch(of: #/"a" has numbers with .: it is left a string; for numbers without it set (.*)/#)).output
      .1
    let typed = try makeResource(#"{"name": "a", \#(members)}, {"name": "b"}"#, resource: #""dialect": {"delimiter": ";"}"#)
    #expect(try readRows(csv, typed) == numbers.map { .row([$0, "x"]) })
  }

  @Test(arguments: [
    ["5%", "5€"], ["A1", "A2"], ["5 kg", "6 kg"], ["(5%)", "6%"], ["5%", "x"], ["05%", "06%"], ["+5%", "6%"], ["€.50", "€1"],
  ])
  func `numbers with several units, codes and other texts have no such note`(cells: [String]) throws {
    let (resource, notes) = try describe("a;b\n" + cells.map { "\($0);x\n" }.joined())
    #expect(resource.fields[0].type == .string)
    #expect(!notes.contains { $0.contains("numbers with") })
    let (_, open) = try describe("a;b\n1.234 €;x\n5.678 €;x\n")
    #expect(
      open.first
        == "\"a\" can be read as a number or as a number with the decimal character ,: it is left a string; set its type and format yourself"
    )
  }

  @Test func `missing values are found where the rest has a type`() throws {
    let (resource, notes) = try describe("n;d;s\n1,5;;NA\nn/a;31.12.2020;x\n-;NULL;y\n")
    #expect(resource.dialect.delimiter == UInt8(ascii: ";"))
    #expect(resource.fields.map(\.missingValues) == [["", "n/a", "-"], ["", "NULL"], [""]])
    #expect(resource.fields[1].type == .date(.pattern(try TimePattern("%d.%m.%Y"))))
    #expect(notes.last == "no column has a different value in every row: there is no key, and rows are appended")
  }

  @Test(
    arguments: [
      ["2019-01-31T10:00:00Z", "2019-01-31T11:00:00+01:00"], ["2019-01-31T10:00:00Z", "2019-01-31 10:00:00+00"],
      ["2019-01-31 10:00:00+0000", "2019-01-31 05:00:00-0500"], ["2019-01-31 10:00:00", "2019-01-31 10:00:00.0"],
      ["2019-01-31 10:00:00.5", "2019-01-31 10:00:00.50"], ["10:00:00.5", "10:00:00.500"], ["1.0", "1.00"], ["1E+1", "10"],
      ["0", "0.0"],
    ])
  func `two texts of one value are one key: the rows would become one where they land`(cells: [String]) throws {
    let (resource, notes) = try describe("id,g\n" + cells.map { "\($0),x\n" }.joined())
    #expect(resource.fields[0].type != .string)
    #expect(resource.primaryKey == [], "\(notes)")
    // Once it is text, each is one of its own.
    let (texts, _) = try describe("id,g\n" + (cells + ["a", "b", "c", "d"]).map { "\($0),x\n" }.joined())
    #expect(texts.fields[0].type == .string)
    let isNumber = cells[0].wholeMatch(of: #/[0-9.E+]+/#) != nil
    #expect(texts.primaryKey == (isNumber ? [] : [0]))
  }

  @Test func `a text that comes again after the column has become text is found`() throws {
    let (resource, _) = try describe("at,g\n10:00:00,x\n" + ["a", "b", "c", "d", "10:00:00"].map { "\($0),x\n" }.joined())
    #expect(resource.fields[0].type == .string)
    #expect(resource.primaryKey == [])
  }

  @Test func `a text that an index of Postgres has no room for makes no key`() throws {
    let long = String(repeating: "x", count: 2_601)
    #expect(try describe("note,g\n\(long),x\ny,x\n").resource.primaryKey == [])
    #expect(try describe("note,g\n\(long.dropLast()),x\ny,x\n").resource.primaryKey == [0])
  }

  @Test func `one row or none shows no key, and the note says so`() throws {
    #expect(try describe("id,x\n1,2\n").notes == ["from one row no key can be determined: rows are appended"])
    #expect(
      try describe("id,x\n").notes == [
        "the file has no rows: every field is left a string", "without rows no key can be determined: rows are appended",
      ])
  }

  @Test func `a measure is not a key, an identifier is`() throws {
    #expect(try describe("what,amount,order_id\na,1,7\na,2,8\n").resource.primaryKey == [2])
    #expect(try describe("what,amount\na,1\na,2\n").resource.primaryKey == [])
    #expect(try describe("year,amount\n2019,1\n2020,2\n").resource.fields[0].type == .year)
  }

  @Test(
    arguments: [
      ("", "x.csv:1:1: the file is empty – the first line must name the columns"),
      ("a,,b\n", "x.csv:1:1: column 2 has no header – name it in the file's first line"),
      ("a\u{0}b,c\n", "x.csv:1:1: the header of column 1 has U+0000 in it – is this a text file?"),
      ("a,b\n1,x\u{0}\n", "x.csv:2:3: b: U+0000 in a text, which no table can hold – fix the file first, then describe it"),
      (",b\nx\u{0},1\n", "x.csv:2:1: column 1: U+0000 in a text, which no table can hold – fix the file first, then describe it"),
      ("a,a \n", "x.csv:1:1: the column \"a\" appears twice – rename one"),
      ("a,,b\n1,2,3\n", "x.csv:1:1: column 2 has no header – name it in the file's first line"),
      (
        "Report\n\nid,amount\n1,10\n2,20\n",
        "x.csv:1:1: line 1 has 1 cell and line 3 has 2 – is the header in line 3? tail -n +3 x.csv | netflix describe -"
      ),
      (
        "Report,,\r\n,,\r\nid,amount,day\r\n1,10,x\r\n",
        "x.csv:1:1: line 1 has 1 cell and line 3 has 3 – is the header in line 3? tail -n +3 x.csv | netflix describe -"
      ),
      (
        "\nid,amount\n1,10\n",
        "x.csv:1:1: line 1 has 0 cells and line 2 has 2 – is the header in line 2? tail -n +2 x.csv | netflix describe -"
      ),
      (
        "Report, 2024\nCreated; 2024-01-01\n\nid;amount;day\n1;10,5;2024-01-01\n2;20,5;2024-01-02\n",
        "x.csv:1:1: line 1 has 1 cell and line 4 has 3 – is the header in line 4? tail -n +4 x.csv | netflix describe -"
      ),
      (
        "Report;2024\nBy;Jane\n\nid;amount;day\n1;10,5;2024-01-01\n2;20,5;2024-01-02\n",
        "x.csv:1:1: line 1 has 2 cells and line 4 has 3 – is the header in line 4? tail -n +4 x.csv | netflix describe -"
      ),
      ("a,b\nx,y,z\nu,v,w\n", "x.csv:2:5: too long: 3 cells, and the header has 2 – fix the file first, then describe it"),
      ("a\n1,2\n3,4\n", "x.csv:2:3: too long: 2 cells, and the header has 1 – fix the file first, then describe it"),
      ("sep=;\na;b\n", "x.csv:1:1: line 1 is Excel's sep=;, not the header – leave it out: tail -n +2 x.csv >x.fixed.csv"),
      ("a,b\n1\n", "x.csv:2:2: too short: 1 cell, and the header has 2 – fix the file first, then describe it"),
    ])
  func `files that cannot be described are rejected`(csv: String, message: String) {
    let error = #expect(throws: DatasetError.self) { try SchemaInference.describe(source: "x.csv", read: feed(Array(csv.utf8))) }
    #expect(error?.description == message)
  }
}
