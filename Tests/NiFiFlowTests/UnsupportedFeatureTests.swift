import Dataset
import NiFiFlow
import Testing

@Suite("Features that NiFi does not support")
struct UnsupportedFeatureTests {
  struct Case: CustomTestStringConvertible, Sendable {
    let field: String
    let also: String
    let refused: String

    init(_ field: String, also: String = "", _ refused: String) {
      self.field = field
      self.also = also
      self.refused = refused
    }

    var testDescription: String { refused }
  }

  static let cases = [
    Case(#""type": "date", "format": "%d/%m/%y""#, #"field "x", property "format""#),
    Case(#""type": "date", "format": "%d %b %Y""#, #"field "x", property "format""#),
    Case(#""type": "datetime""#, #"field "x", property "type""#),
    Case(#""type": "time""#, #"field "x", property "type""#),
    Case(#""type": "boolean""#, #"field "x", property "trueValues""#),
    Case(#""type": "boolean", "trueValues": ["true"]"#, #"field "x", property "falseValues""#),
    Case(#""type": "integer", "groupChar": ",""#, #"field "x", property "groupChar""#),
    Case(#""type": "number", "decimalChar": ",""#, #"field "x", property "decimalChar""#),
    Case(#""type": "number", "bareNumber": false"#, #"field "x", property "bareNumber""#),
    Case(#""type": "string", "constraints": {"pattern": "a+"}"#, #"field "x", property "constraints.pattern""#),
    Case(#""type": "integer", "column": "1st""#, #"field "x", property "column""#),
    Case(#""type": "integer", "missingValues": ["-"]"#, #"field "x", property "missingValues""#),
    Case(#""type": "integer""#, also: #", "missingValues": ["", "n/a"]"#, #"field "day", property "missingValues""#),
    Case(#""type": "integer""#, also: #", "missingValues": []"#, #"field "day", property "missingValues""#),
    Case(#""type": "number""#, also: #", "primaryKey": "x""#, #"field "x", property "type""#),
    Case(#""type": "integer""#, also: #", "primaryKey": ["day", "x"]"#, #"property "schema.primaryKey""#),
    Case(#""type": "integer""#, also: #", "fieldsMatch": "exact""#, #"property "schema.fieldsMatch""#),
    Case(#""type": "integer""#, also: #"}, "dialect": {"header": false"#, #"property "dialect.header""#),
    Case(#""type": "integer""#, also: #"}, "dialect": {"commentChar": "%""#, #"property "dialect.commentChar""#),
    Case(#""type": "integer""#, also: #"}, "dialect": {"skipInitialSpace": true"#, #"property "dialect.skipInitialSpace""#),
    Case(#""type": "date", "format": "%d.%m.%Y""#, #"field "x", property "format": NiFi's CSVReader has one date format"#),
  ]

  @Test(arguments: cases)
  func `are rejected with the field and the property`(_ refused: Case) throws {
    let json = """
      {"resources": [{"name": "r", "path": "r.csv", "schema": {
        "fields": [{"name": "day", "type": "date"}, {"name": "x", \(refused.field)}]\(refused.also)}}]}
      """
    let resource = try DataPackage(json: Array(json.utf8), file: "r.json").resource(named: nil, forCSV: nil)
    let error = #expect(throws: DatasetError.self) { try FlowTemplate(resource: resource, file: "r.json") }
    #expect(error?.kind == .unsupportedDescription)
    #expect(error?.message.hasPrefix(refused.refused) == true, "\(error.map { "\($0)" } ?? "nothing")")
    #expect(error?.hint == "publish this CSV by netflix-producer")
  }
}
