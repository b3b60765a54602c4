import Testing

@testable import Dataset

@Suite struct DescriptionTests {
  @Test func `version 1 with all its descriptive properties`() throws {
    let json = """
      {"profile": "tabular-data-package", "name": "p", "title": "T", "licenses": [{"name": "CC0-1.0"}], "created": "2024-01-01T00:00:00Z",
       "resources": [{"profile": "tabular-data-resource", "name": "r", "path": ["r.csv"], "title": "R", "hash": "x", "bytes": 9,
        "mediatype": "text/csv", "encoding": "utf-8", "format": "CSV", "dialect": {"csvddfVersion": 1.2, "delimiter": ",", "lineTerminator": "\\r\\n"},
        "schema": {"fields": [{"name": "A b", "title": "a", "description": "d", "example": "e", "rdfType": "x"}], "missingValues": ["", "-"]}}]}
      """
    let resource = try DataPackage(json: Array(json.utf8), file: "d.json").resources[0]
    #expect(
      resource
        == Resource(
          name: "r", title: "R", path: "r.csv",
          fields: [Field(header: "A b", column: "a_b", title: "a", type: .string, missingValues: ["", "-"])]))
    #expect(resource.topic == "r")
    #expect(resource.table == "r")
  }

  @Test func `version 2 with its own properties`() throws {
    let resource = try makeResource(
      #"{"name": "a", "type": "integer", "missingValues": [{"value": "-1", "label": "none"}]}, {"name": "b"}"#,
      schema: #""$schema": "https://datapackage.org/profiles/2.0/tableschema.json", "primaryKey": ["b", "a"], "fieldsMatch": ["subset"]"#,
      resource: #""type": "table", "topic": "t", "table": "s", "dialect": {"$schema": "x", "header": true, "headerRows": [1]}"#)
    #expect(resource.fields.map(\.missingValues) == [["-1"], [""]])
    #expect(resource.primaryKey == [1, 0])
    #expect([resource.topic, resource.table] == ["t", "s"])
    #expect(resource.isRequired(0))
  }

  @Test(
    arguments: [
      ("Date", "date"), ("EMEA  Members", "emea_members"), ("Revenue ($, m)", "revenue_m_"), ("a__b", "a_b"), ("Größe", "gr_e"),
      ("2019", "2019"), ("$", "_"),
    ])
  func `a header gives its column name`(header: String, column: String) {
    #expect(Field.columnName(from: header) == column)
  }

  @Test func `every type with its format`() throws {
    let resource = try makeResource(
      """
      {"name": "a"}, {"name": "b", "type": "string", "format": "default"}, {"name": "c", "type": "integer", "groupChar": ","},
      {"name": "d", "type": "number", "decimalChar": ",", "groupChar": " ", "bareNumber": false, "decimals": 2, "unit": "EUR"},
      {"name": "e", "type": "boolean", "trueValues": ["ja"], "falseValues": ["nein"]}, {"name": "f", "type": "date"},
      {"name": "g", "type": "date", "format": "fmt:%d.%m.%Y"}, {"name": "h", "type": "datetime", "format": "%Y-%m-%d %H:%M"},
      {"name": "i", "type": "time", "format": "%I:%M %p"}, {"name": "j", "type": "year"}
      """)
    #expect(
      resource.fields.map(\.type) == [
        .string, .string, .integer(NumberFormat(groupChar: ",")),
        .number(NumberFormat(decimalChar: ",", groupChar: " ", bareNumber: false)),
        .boolean(BooleanFormat(trueValues: ["ja"], falseValues: ["nein"])), .date(.iso), .date(.pattern(try TimePattern("%d.%m.%Y"))),
        .datetime(.pattern(try TimePattern("%Y-%m-%d %H:%M"))), .time(.pattern(try TimePattern("%I:%M %p"))), .year,
      ])
    #expect(resource.fields[3].unit == "EUR")
    #expect(resource.fields[3].decimals == 2)
  }

  @Test func `the resource is the requested one, that of the CSV, or the only one`() throws {
    func one(_ name: String) -> String { #"{"name": "\#(name)", "path": "data/\#(name).csv", "schema": {"fields": [{"name": "a"}]}}"# }
    let two = try DataPackage(json: Array("{\"resources\": [\(one("x")), \(one("y"))]}".utf8), file: "d.json")
    #expect(try two.resource(named: "y", forCSV: "x.csv").name == "y")
    #expect(try two.resource(named: nil, forCSV: "/tmp/y.csv").name == "y")
    let unknown = #expect(throws: DatasetError.self) { try two.resource(named: "z", forCSV: nil) }
    #expect(unknown?.description == "d.json: resources: there is no resource \"z\" – it has \"x\", \"y\"")
    let several = #expect(throws: DatasetError.self) { try two.resource(named: nil, forCSV: "-") }
    #expect(
      several?.description
        == "d.json: resources: it describes several resources and none of them is this file – name one with --resource: \"x\", \"y\"")
    let only = try DataPackage(json: Array("{\"resources\": [\(one("x"))]}".utf8), file: "d.json")
    #expect(try only.resource(named: nil, forCSV: "other.csv").name == "x")
  }

  @Test(
    arguments: [
      ("", "d.json:1:1: not JSON: the text ends early"), ("{\n \"a\": 1,\n}", "d.json:3:1: not JSON: a name in quotes is missing"),
      ("{\"a\": 1, \"a\": 2}", "d.json:1:10: not JSON: the name \"a\" appears twice"),
      ("{} x", "d.json:1:4: not JSON: text after the end of the JSON value"),
      ("{\"a\": \"\\ud800\"}", "d.json:1:8: not JSON: text with half of a surrogate pair"),
      ("[01]", "d.json:1:2: not JSON: a number does not begin with 0"),
      (String(repeating: "[", count: 100_000), "d.json:1:65: not JSON: nested too deep"),
    ])
  func `invalid JSON is reported with its line`(json: String, message: String) {
    let error = #expect(throws: DatasetError.self) { try DataPackage(json: Array(json.utf8), file: "d.json") }
    #expect(error?.description == message + " – fix it there; `frictionless validate` checks the same file")
    #expect(error?.kind == .invalidDescription)
  }
}
