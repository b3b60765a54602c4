import Testing

@testable import Dataset

/// Each constraint is checked in the same way for cells of a CSV and members of a message.
@Suite struct ConstraintTests {
  @Test(
    arguments: [
      (
        #""type": "integer", "constraints": {"minimum": 0, "maximum": 10}"#, ["0", "10"],
        [("-1", "is less than the minimum 0"), ("11", "is more than the maximum 10")]
      ),
      (
        #""type": "number", "constraints": {"minimum": -1.5, "maximum": "2.25"}"#, ["-1.50", "2.25", "0"],
        [
          ("-1.51", "is less than the minimum -1.5"), ("2.2500001", "is more than the maximum 2.25"),
          ("1e30", "is more than the maximum 2.25"), ("-123456789012345678901", "is less than the minimum -1.5"),
        ]
      ),
      (
        #""type": "number", "constraints": {"exclusiveMinimum": 0, "exclusiveMaximum": 1e20}"#, ["0.0001", "99999999999999999999.9"],
        [("0.0", "is not more than 0"), ("100000000000000000000", "is not less than 1e20")]
      ),
      (#""type": "number", "constraints": {"enum": [1, "2.50"]}"#, ["1.0", "2.5"], [("3", "is not one of 1, 2.50")]),
      (
        #""type": "string", "constraints": {"minLength": 2, "maxLength": 3}"#, ["äö", "abc"],
        [("ä", "has 1 character, fewer than 2"), ("abcd", "has 4 characters, more than 3")]
      ),
      (
        #""type": "string", "constraints": {"pattern": "[A-Z]{2}\\d*"}"#, ["AB", "AB12"],
        [("xAB", "does not match the pattern [A-Z]{2}\\d*"), ("AB12x", "does not match the pattern [A-Z]{2}\\d*")]
      ),
      (#""type": "string", "constraints": {"enum": ["UCAN", "EMEA"]}"#, ["UCAN"], [("ucan", "is not one of UCAN, EMEA")]),
      (#""type": "year", "constraints": {"minimum": 2000, "maximum": "2030"}"#, ["2000"], [("1999", "is less than the minimum 2000")]),
    ] as [(String, [String], [(String, String)])])
  func `constraints hold in both directions`(properties: String, good: [String], bad: [(String, String)]) throws {
    let resource = try makeResource(#"{"name": "F", "column": "f", \#(properties)}"#)
    let quoted = resource.fields[0].type == .string
    func member(_ cell: String) -> String { quoted ? "\"\(cell)\"" : cell }
    for cell in good {
      #expect(try readRows("F\n\(cell)\n", resource) == [.row([cell])])
      #expect(decoded("{\"f\":\(member(cell))}", resource) == .success([cell]))
      #expect(decoded("{ \"f\": \(member(cell))}", resource) == .success([cell]))
    }
    for (cell, reason) in bad {
      #expect(try readRows("F\n\(cell)\n", resource) == [.bad(line: 2, column: 1, reason: "F: \"\(cell)\" \(reason)", original: cell)])
      for message in ["{\"f\":\(member(cell))}", "{ \"f\" : \(member(cell)) }"] {
        #expect(decoded(message, resource) == .failure(RejectReason(.constraint, "f: \(member(cell)) \(reason)")))
      }
    }
  }

  @Test func `dates have bounds in the CSV's spelling or in ISO 8601`() throws {
    for bound in ["01-02-2020", "2020-02-01"] {
      let resource = try makeResource(#"{"name": "d", "type": "date", "format": "%d-%m-%Y", "constraints": {"minimum": "\#(bound)"}}"#)
      #expect(
        try readRows("d\n01-02-2020\n31-01-2020\n", resource) == [
          .row(["2020-02-01"]),
          .bad(line: 3, column: 1, reason: "d: \"31-01-2020\" is less than the minimum \(bound)", original: "31-01-2020"),
        ])
      #expect(
        decoded(#"{"d":"2020-01-31"}"#, resource)
          == .failure(RejectReason(.constraint, "d: \"2020-01-31\" is less than the minimum \(bound)")))
    }
  }

  @Test func `required and key columns must have a value`() throws {
    let resource = try makeResource(
      #"{"name": "K", "column": "k"}, {"name": "r", "type": "integer", "constraints": {"required": true}}, {"name": "o", "type": "integer"}"#,
      schema: #""primaryKey": "K""#)
    #expect(
      try readRows("K,r,o\na,1,\n,1,1\na,,1\n", resource) == [
        .row(["a", "1", nil]), .bad(line: 3, column: 1, reason: "K: part of the key, and has no value", original: ",1,1"),
        .bad(line: 4, column: 3, reason: "r: required, and has no value", original: "a,,1"),
      ])
    #expect(decoded(#"{"k":"a","r":1}"#, resource) == .success(["a", "1", nil]))
    #expect(decoded(#"{"r":1}"#, resource) == .failure(RejectReason(.key, "k: part of the key, and is not in the message")))
    #expect(decoded(#"{"k":null,"r":1}"#, resource) == .failure(RejectReason(.key, "k: part of the key, and is null")))
    #expect(decoded(#"{"k":"a"}"#, resource) == .failure(RejectReason(.required, "r: required, and is not in the message")))
    #expect(decoded(#"{"k":"a","r":null,"o":null}"#, resource) == .failure(RejectReason(.required, "r: required, and is null")))
  }
}
