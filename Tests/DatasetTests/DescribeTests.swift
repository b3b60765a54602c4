import Testing

@testable import Dataset

@Suite struct DescribeTests {
  /// Describes a CSV, and holds the description to reading it again.
  private func describe(_ csv: String, source: String = "in/My File.csv") throws -> (resource: Resource, notes: [String]) {
    let result = try Describe.describe(source: source, read: feed(Array(csv.utf8), by: 5))
    let resource = try DataPackage(json: Array(result.json.utf8), file: "d.json").resources[0]
    let rows = try readRows(csv, resource)
    #expect(rows.allSatisfy { if case .row = $0 { true } else { false } })
    #expect(rows.count == result.rows)
    return (resource, result.notes)
  }

  @Test func `the real file is described as its description says`() throws {
    let csv = String(decoding: try RealData.bytes("netflix_revenue_updated.csv"), as: UTF8.self)
    let (resource, notes) = try describe(csv, source: "data/netflix_revenue_updated.csv")
    let described = try RealData.resource()
    #expect(resource.fields.map(\.type) == described.fields.map(\.type))
    #expect(resource.fields.map(\.header) == described.fields.map(\.header))
    #expect(resource.fields.map(\.decimals) == described.fields.map(\.decimals))
    #expect(resource.primaryKey == described.primaryKey)
    #expect(resource.path == "netflix_revenue_updated.csv")
    #expect(notes == ["the key is \"Date\": no value is missing and none is there twice in 21 rows"])
  }

  @Test func `names fit Kafka, SQL and the standard`() throws {
    let (resource, _) = try describe("a b,A-B,landed_at\n1,2,3\n")
    #expect([resource.name, resource.topic, resource.table, resource.path] == ["my-file", "my-file", "my_file_raw", "My File.csv"])
    #expect(resource.fields.map(\.column) == ["a_b", "a_b_2", "landed_at_"])
    #expect(try describe("xmin,ctid\n1,2\n").resource.fields.map(\.column) == ["xmin_", "ctid_"])
  }

  @Test func `more columns than a table has room for are refused`() {
    let csv = (0..<1597).map { "c\($0)" }.joined(separator: ",") + "\n"
    let error = #expect(throws: DatasetError.self) { try describe(csv) }
    #expect(error?.description.contains("1597 columns, and a table has room for 1596") == true)
  }

  @Test(
    "types of a column",
    arguments: [
      (["1", "-2", "9223372036854775807"], FieldType.integer(NumberFormat())),
      (["1", "9223372036854775808"], .number(NumberFormat())), (["1.5", "2"], .number(NumberFormat())),
      (["007", "123"], .string), (["+49", "1"], .string),
      (["true", "false"], .boolean(BooleanFormat(trueValues: ["true", "True", "TRUE"], falseValues: ["false", "False", "FALSE"]))),
      (["2020-01-31"], .date(.iso)), (["2020-01-31T10:00:00Z"], .datetime(.iso)), (["10:00:00"], .time(.iso)), (["1", "x"], .string),
      (["NA", "x"], .string), (["\"1,234,567.5\"", "1"], .number(NumberFormat(groupChar: ","))),
    ] as [([String], FieldType)])
  func types(cells: [String], type: FieldType) throws {
    let (resource, _) = try describe("f,g\n" + cells.map { "\($0),x\n" }.joined())
    #expect(resource.fields[0].type == type)
  }

  @Test func `a date format that two readings fit is not guessed`() throws {
    let (open, notes) = try describe("f\n01/02/2020\n03/04/2020\n")
    #expect(open.fields[0].type == .string)
    #expect(notes.first == "\"f\" can be read as %d/%m/%Y or as %m/%d/%Y: it is left a string; set its type and format yourself")
    let (closed, _) = try describe("f\n01/02/2020\n13/04/2020\n")
    #expect(closed.fields[0].type == .date(.pattern(try TimePattern("%d/%m/%Y"))))
    let (american, _) = try describe("f\n01/02/2020 10:00\n01/13/2020 11:30\n")
    #expect(american.fields[0].type == .datetime(.pattern(try TimePattern("%m/%d/%Y %H:%M"))))
  }

  @Test func `a decimal character that two readings fit is not guessed`() throws {
    let (resource, notes) = try describe("f;g\n1.234;1.234\n5.678;1.5\n")
    #expect(resource.fields.map(\.type) == [.string, .number(NumberFormat())])
    #expect(
      notes.first
        == "\"f\" can be read as a number or as a number with the decimal character ,: it is left a string; set its type and format yourself"
    )
  }

  @Test func `missing values are found where the rest has a type`() throws {
    let (resource, notes) = try describe("n;d;s\n1,5;;NA\nn/a;31.12.2020;x\n-;NULL;y\n")
    #expect(resource.dialect.delimiter == UInt8(ascii: ";"))
    #expect(resource.fields.map(\.missingValues) == [["", "n/a", "-"], ["", "NULL"], [""]])
    #expect(resource.fields[1].type == .date(.pattern(try TimePattern("%d.%m.%Y"))))
    #expect(notes.last == "no column has a value of its own in every row: there is no key, and rows are appended")
  }

  @Test func `a measure is no key, an identifier is`() throws {
    #expect(try describe("what,amount,order_id\na,1,7\na,2,8\n").resource.primaryKey == [2])
    #expect(try describe("what,amount\na,1\na,2\n").resource.primaryKey == [])
    #expect(try describe("year,amount\n2019,1\n2020,2\n").resource.fields[0].type == .year)
  }

  @Test(
    "what cannot be described",
    arguments: [
      ("", "x.csv:1:1: the file is empty – its first line must name the columns"),
      ("a,,b\n", "x.csv:1:1: column 2 has no header – name it in the file's first line"),
      ("a\u{0}b,c\n", "x.csv:1:1: the header of column 1 has U+0000 in it – is this a text file?"),
      ("a,a \n", "x.csv:1:1: the column \"a\" is there twice – rename one"),
      ("a,b\n1\n", "x.csv:2:2: too short: 1 cell, and the header has 2 – mend the file first, then describe it"),
    ])
  func faults(csv: String, message: String) {
    let error = #expect(throws: DatasetError.self) { try Describe.describe(source: "x.csv", read: feed(Array(csv.utf8))) }
    #expect(error?.description == message)
  }
}
