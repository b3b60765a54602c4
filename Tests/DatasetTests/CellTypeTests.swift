import Testing

@testable import Dataset

@Suite struct CellTypeTests {
  /// Reads one cell by a field of `properties`; its JSON, or the reason it is rejected for.
  private func json(_ properties: String, _ cell: String) throws -> String {
    let resource = try makeResource(#"{"name": "f", \#(properties)}"#)
    var outcomes: [String] = []
    for quick in [true, false] {
      // Tabs as delimiters allow commas in cells; with the second cell an empty first cell is not a blank line.
      let two = Resource(
        name: "r", path: "r.csv",
        dialect: {
          var dialect = Dialect(); dialect.delimiter = 9; return dialect
        }(),
        fields: resource.fields + [Field(header: "g", column: "g", type: .string)])
      var reader = RowReader(resource: two, source: "r.csv", read: feed(Array("f\tg\n\(cell)\tx\n".utf8)))
      try reader.readHeader()
      if !quick { reader.fastPath = nil }
      var row = Row()
      switch try reader.next(into: &row) {
      case .row:
        let message = encoded(row, two)
        var back = Row()
        var decoder = MessageDecoder(resource: two)
        try decoder.decode(Array(message.utf8).span, into: &back)
        #expect(back == row)
        outcomes.append(String(message.dropFirst(5).dropLast(9)))
      case .rejected(let bad): outcomes.append(bad.reason.text)
      case .blank, .end: outcomes.append("no row")
      }
    }
    #expect(outcomes[0] == outcomes[1], "both paths")
    return outcomes[0]
  }

  @Test(
    arguments: [
      ("16", "16"), ("-5", "-5"), ("+5", "5"), ("007", "7"), ("-0", "0"), (" 12 ", "12"), ("", "null"),
      ("9223372036854775807", "9223372036854775807"), ("-9223372036854775808", "-9223372036854775808"),
      ("9223372036854775808", "f: \"9223372036854775808\" does not fit 64 bits"), ("16.0", "f: \"16.0\" is not a whole number"),
      ("1e3", "f: \"1e3\" is not a whole number"), ("-", "f: \"-\" is not a whole number"), ("1 2", "f: \"1 2\" is not a whole number"),
    ])
  func `integers`(cell: String, value: String) throws { #expect(try json(#""type": "integer""#, cell) == value) }

  @Test(
    arguments: [
      ("11.45", "11.45"), ("16", "16"), ("16.0", "16.0"), ("17.30", "17.30"), ("-0.05", "-0.05"), (".5", "0.5"), ("5.", "5"),
      ("1.6e1", "16"),
      ("1.60E+2", "160"), ("5e-3", "0.005"), ("0.000000000000000000000001", "0.000000000000000000000001"),
      ("123456789012345678901234567890.5", "123456789012345678901234567890.5"), ("-99999999999999999999", "-99999999999999999999"),
      ("1e400", "1e400"), ("1e131071", "1e131071"), ("1e131072", "f: \"1e131072\" is longer than a number can be"),
      ("1e-16383", "1e-16383"), ("1e-16384", "f: \"1e-16384\" is longer than a number can be"),
      ("1e99999999999999999999", "f: \"1e99999999999999999999\" is longer than a number can be"), ("NaN", "f: \"NaN\" is not a number"),
      ("INF", "f: \"INF\" is not a number"), ("1,5", "f: \"1,5\" is not a number"), ("1.2.3", "f: \"1.2.3\" is not a number"),
      (".", "f: \".\" is not a number"),
      ("1e", "f: \"1e\" is not a number"), ("0x10", "f: \"0x10\" is not a number"),
    ])
  func `numbers keep the digits of the source`(cell: String, value: String) throws {
    #expect(try json(#""type": "number""#, cell) == value)
  }

  @Test(
    arguments: [
      ("1.234,50", "1234.50"), ("12", "12"), ("-3,00 €", "-3.00"), ("€ 1.000.000", "1000000"), ("-€5", "-5"), ("95 %", "95"),
      ("(12)", "f: \"(12)\" is not a number"), ("Rs,500", "f: \"Rs,500\" is not a number"), ("€", "f: \"€\" is not a number"),
      ("1,2,3", "f: \"1,2,3\" is not a number"),
    ])
  func `number formats of other locales`(cell: String, value: String) throws {
    #expect(try json(#""type": "number", "decimalChar": ",", "groupChar": ".", "bareNumber": false"#, cell) == value)
  }

  @Test(
    arguments: [
      ("1.5", nil), ("12.50", nil), ("1234.50", nil), ("1.2345", nil), ("12.34.567", nil), ("1..234", nil), (".234", nil), ("1.234.", nil),
      ("0.123", nil), ("1.234e3", nil), ("1234.567", nil), ("1.23,4", nil), ("1,234.5", nil), ("12.34.56.789", nil),
      ("1.234", "1234"), ("-1.234,5", "-1234.5"), ("+12.345.678", "12345678"), ("123.456,00", "123456.00"), ("1234", "1234"),
      ("1234,5", "1234.5"),
      ("0,123456", "0.123456"), ("1,5e3", "1500"),
    ] as [(String, String?)])
  func `group marks must precede three digits each, or the cell is rejected`(cell: String, value: String?) throws {
    let number = try json(#""type": "number", "decimalChar": ",", "groupChar": ".""#, cell)
    #expect(number == value ?? "f: \"\(cell)\" is not a number")
    let swapped = String(cell.map { $0 == "." ? "," : $0 == "," ? "." : $0 })
    #expect(try json(#""type": "number", "groupChar": ",""#, swapped) == value ?? "f: \"\(swapped)\" is not a number")
    guard !cell.contains(",") else { return }
    let integer = try json(#""type": "integer", "groupChar": "'""#, String(cell.map { $0 == "." ? "'" : $0 }))
    #expect(value == nil ? integer.hasSuffix("is not a whole number") : integer == value)
  }

  @Test func `a point that is not the column's decimal character is rejected`() throws {
    #expect(try json(#""type": "number", "decimalChar": ",""#, "1.5") == "f: \"1.5\" is not a number")
    #expect(try json(#""type": "integer", "groupChar": "'""#, "1'234") == "1234")
    #expect(try json(#""type": "integer", "groupChar": "\u202f""#, "1\u{202F}234") == "1234")
  }

  @Test(
    arguments: [
      (#""type": "date""#, "2020-02-29", "\"2020-02-29\""),
      (#""type": "date""#, "2019-02-29", "f: \"2019-02-29\" is not a date (YYYY-MM-DD)"),
      (#""type": "date""#, "2019-2-1", "f: \"2019-2-1\" is not a date (YYYY-MM-DD)"),
      (#""type": "date""#, "0000-01-01", "f: \"0000-01-01\" is not a date (YYYY-MM-DD)"),
      (#""type": "date", "format": "%d-%m-%Y""#, "31-03-2019", "\"2019-03-31\""),
      (#""type": "date", "format": "%d-%m-%Y""#, "1-3-2019", "\"2019-03-01\""),
      (#""type": "date", "format": "%d-%m-%Y""#, "31-02-2020", "f: \"31-02-2020\" is not a date (%d-%m-%Y)"),
      (#""type": "date", "format": "%d-%m-%Y""#, "31-03-2019x", "f: \"31-03-2019x\" is not a date (%d-%m-%Y)"),
      (#""type": "date", "format": "%m/%d/%y""#, "12/31/69", "\"1969-12-31\""),
      (#""type": "date", "format": "%b %d, %Y""#, "mar 1, 2024", "\"2024-03-01\""),
      (#""type": "date", "format": "%A, %d %B %Y""#, "Friday, 1 March 2024", "\"2024-03-01\""),
      (#""type": "date", "format": "%Y%m%d""#, "20240301", "\"2024-03-01\""),
      (#""type": "datetime""#, "2024-03-01T00:30:00+02:00", "\"2024-02-29T22:30:00Z\""),
      (#""type": "datetime""#, "2024-03-01T00:30:00", "\"2024-03-01T00:30:00Z\""),
      (#""type": "datetime""#, "2024-03-01 00:30:00", "\"2024-03-01T00:30:00Z\""),
      (#""type": "datetime""#, "2024-03-01 00:30:00.25+00", "\"2024-03-01T00:30:00.25Z\""),
      (#""type": "datetime""#, "2024-03-01 00:30:00-03", "\"2024-03-01T03:30:00Z\""),
      (#""type": "datetime""#, "2024-03-01 00:30:00+05:30", "\"2024-02-29T19:00:00Z\""),
      (#""type": "datetime""#, "2024-03-01  00:30:00", "f: \"2024-03-01  00:30:00\" is not a date and time (YYYY-MM-DDThh:mm:ssZ)"),
      (#""type": "datetime""#, "2024-03-01 00:30:00+0", "f: \"2024-03-01 00:30:00+0\" is not a date and time (YYYY-MM-DDThh:mm:ssZ)"),
      (#""type": "datetime""#, "2024-03-01 00:30:00+00:", "f: \"2024-03-01 00:30:00+00:\" is not a date and time (YYYY-MM-DDThh:mm:ssZ)"),
      (#""type": "datetime""#, "1969-12-31T23:59:59.999999Z", "\"1969-12-31T23:59:59.999999Z\""),
      (
        #""type": "datetime""#, "2024-03-01T00:00:00.1234567Z",
        "f: \"2024-03-01T00:00:00.1234567Z\" is not a date and time (YYYY-MM-DDThh:mm:ssZ)"
      ),
      (
        #""type": "datetime""#, "0001-01-01T00:00:00+01:00",
        "f: \"0001-01-01T00:00:00+01:00\" is not a date and time (YYYY-MM-DDThh:mm:ssZ)"
      ),
      (#""type": "datetime", "format": "%d.%m.%Y %H:%M""#, "01.03.2024 7:05", "\"2024-03-01T07:05:00Z\""),
      (#""type": "datetime", "format": "%Y-%m-%d %H:%M:%S.%f%z""#, "2024-03-01 07:05:00.5-0130", "\"2024-03-01T08:35:00.5Z\""),
      (#""type": "time""#, "23:59:59", "\"23:59:59\""), (#""type": "time""#, "24:00:00", "f: \"24:00:00\" is not a time (hh:mm:ss)"),
      (#""type": "time", "format": "%I:%M %p""#, "12:05 am", "\"00:05:00\""),
      (#""type": "time", "format": "%I:%M %p""#, "12:05 PM", "\"12:05:00\""),
      (#""type": "time", "format": "%I:%M %p""#, "13:05 PM", "f: \"13:05 PM\" is not a time (%I:%M %p)"),
      (#""type": "year""#, "2024", "2024"), (#""type": "year""#, "24", "f: \"24\" is not a year (YYYY)"),
    ])
  func `dates and times`(properties: String, cell: String, value: String) throws { #expect(try json(properties, cell) == value) }

  @Test func `booleans and strings`() throws {
    #expect(try json(#""type": "boolean""#, "TRUE") == "true")
    #expect(try json(#""type": "boolean""#, "0") == "false")
    #expect(try json(#""type": "boolean", "trueValues": ["ja"], "falseValues": ["nein"]"#, "nein") == "false")
    #expect(try json(#""type": "boolean", "trueValues": ["ja"], "falseValues": ["nein"]"#, "no") == "f: \"no\" is not one of ja, nein")
    #expect(try json(#""type": "string""#, " \\ / é\u{7F}\u{1}") == #"" \\ / é"# + "\u{7F}" + #"\u0001""#)
  }

  @Test func `missing values become null before the type is checked`() throws {
    for cell in ["", "-", "n/a", " - "] { #expect(try json(#""type": "integer", "missingValues": ["", "-", "n/a"]"#, cell) == "null") }
    #expect(try json(#""type": "integer", "missingValues": ["-1", "999"]"#, "999") == "null")
    #expect(try json(#""type": "integer", "missingValues": ["-1", "999"]"#, "") == "f: \"\" is not a whole number")
    #expect(try json(#""type": "string", "missingValues": ["NA"]"#, "NA") == "null")
    #expect(try json(#""type": "string", "missingValues": ["NA"]"#, "") == "\"\"")
    #expect(try json(#""type": "string", "missingValues": ["NA"]"#, " NA") == "\" NA\"")
  }
}
