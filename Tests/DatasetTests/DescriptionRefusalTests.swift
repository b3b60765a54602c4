import Testing

@testable import Dataset

/// Unsupported properties that affect parsing or validity are rejected by name, and so are contradictory descriptions.
@Suite struct DescriptionRefusalTests {
  /// The error message for a description, without its file.
  private func refusal(_ fields: String, schema: String = "", resource: String = "") -> String? {
    do {
      _ = try makeResource(fields, schema: schema, resource: resource)
      return nil
    } catch let error as DatasetError {
      #expect(error.kind != .data)
      return String(error.description.dropFirst("d.json: resources[0].".count).prefix { $0 != "–" }).trimmingSuffix()
    } catch {
      return "\(error)"
    }
  }

  @Test(
    arguments: [
      (#""type": "geopoint""#, "type: the type \"geopoint\""),
      (#""type": "any""#, "type: the type \"any\""),
      (#""type": 5"#, "type: must be a string, not a number"),
      (#""format": "email""#, "format: \"email\" of type string"),
      (#""type": "date", "format": "any""#, "format: \"any\": a guessed date may be another day"),
      (#""type": "date", "format": "%d-%m-%Q""#, "format: \"%d-%m-%Q\": the directive %Q is not supported"),
      (#""type": "date", "format": "%d-%m""#, "format: \"%d-%m\" gives no year, month and day"),
      (#""type": "date", "format": "%d-%m-%Y %H""#, "format: \"%d-%m-%Y %H\" has parts of a time, and the type is date"),
      (#""type": "datetime", "format": "%d-%m-%Y %I""#, "format: \"%d-%m-%Y %I\" gives no hour (%H, or %I with %p)"),
      (#""type": "time", "format": "%H:%M %z""#, "format: %z in a time of day"),
      (#""type": "number", "decimalChar": "..""#, "decimalChar: \"..\" must be one character that does not occur in a number itself"),
      (#""type": "number", "groupChar": ".""#, "decimalChar and groupChar are the same"),
      (#""type": "boolean", "trueValues": ["x"], "falseValues": ["x"]"#, "\"x\" means both true and false"),
      (#""categories": ["a"]"#, "categories: this property is not supported"),
      (#""decimals": 2"#, "decimals: only a number has decimals, not a field of type string"),
      (#""type": "number", "decimals": 19"#, "decimals: must be at most 18"),
      (#""column": """#, "column: must not be empty"),
      (#""column": "__""#, "column: \"f\" has the column name \"__\", which has no letter or digit"),
      (#""column": "landed_at""#, "\"landed_at\" is a column that netflix-consumer adds"),
      (#""column": "xmin""#, "\"xmin\" is a system column of every Postgres table"),
      (#""missingValues": "-""#, "missingValues: must be an array, not a string"),
      (#""constraints": {"jsonSchema": {}}"#, "constraints.jsonSchema: this constraint is not supported"),
      (#""constraints": {"minimum": "a"}"#, "constraints.minimum: a field of type string has no least or greatest value"),
      (#""constraints": {"enum": []}"#, "constraints.enum: lists no value"),
      (#""constraints": {"enum": [1]}"#, "constraints.enum[0]: is a number, and the field is of type string"),
      (#""constraints": {"minLength": -1}"#, "constraints.minLength: must be a whole number, 0 or more"),
      (#""constraints": {"pattern": "a-[b"}"#, "constraints.pattern: subtracting a class of characters is not supported"),
      (#""constraints": {"pattern": "\\p{IsGreek}"}"#, "constraints.pattern: blocks such as \\p{IsLatin} are not supported"),
      (#""constraints": {"pattern": "\\i\\c*"}"#, "constraints.pattern: \\i is not supported"),
      (
        #""type": "integer", "constraints": {"pattern": "1"}"#,
        "constraints.pattern: only a string can have this constraint, not a field of type integer"
      ),
      (#""type": "integer", "constraints": {"minimum": 1.5}"#, "constraints.minimum: f: \"1.5\" is not a whole number"),
      (#""type": "date", "constraints": {"minimum": "31-02-2020"}"#, "constraints.minimum: f: \"31-02-2020\" is not a date (YYYY-MM-DD)"),
    ])
  func `a field`(properties: String, message: String) {
    let refused = refusal(#"{"name": "f", \#(properties)}"#)
    #expect(refused == "schema.fields[0]" + (message.first == "\"" || message.hasPrefix("decimalChar and") ? ": " : ".") + message)
  }

  @Test func `an invalid pattern is rejected with the regex engine's message`() {
    #expect(
      refusal(#"{"name": "f", "constraints": {"pattern": "a("}}"#)?.hasPrefix(
        "schema.fields[0].constraints.pattern: not a regular expression:") == true)
  }

  @Test(
    arguments: [
      (#""escapeChar": "\\""#, ".escapeChar: this property is not supported"),
      (#""nullSequence": "-""#, ".nullSequence: this property is not supported"),
      (#""doubleQuote": false"#, ".doubleQuote: false: a quote inside quotes is read as two quotes only"),
      (#""delimiter": "||""#, ".delimiter: must be one ASCII character and not a line end"),
      (#""delimiter": "\n""#, ".delimiter: must be one ASCII character and not a line end"),
      (#""quoteChar": ",""#, ": delimiter, quoteChar and commentChar must differ"),
      (#""lineTerminator": "|""#, ".lineTerminator: lines end in LF, CRLF or CR"),
      (#""headerRows": [1, 2]"#, ".headerRows: the header is the first line"),
      (#""commentRows": [1]"#, ".commentRows: this property is not supported"),
      (#""sheetName": "x""#, ".sheetName: this property is not supported"),
      (#""header": "yes""#, ".header: must be true or false, not a string"),
    ])
  func `a dialect`(property: String, message: String) {
    #expect(refusal(#"{"name": "f"}"#, resource: "\"dialect\": {\(property)}") == "dialect" + message)
  }

  @Test(
    arguments: [
      (#""foreignKeys": []"#, ".foreignKeys: this property is not supported"),
      (#""uniqueKeys": [["f"]]"#, ".uniqueKeys: this property is not supported"),
      (#""primaryKey": "g""#, ".primaryKey: there is no field \"g\""),
      (#""primaryKey": ["f", "f"]"#, ".primaryKey[1]: \"f\" appears twice"),
      (#""fieldsMatch": ["superset"]"#, ".fieldsMatch: \"superset\": a described column must be there"),
    ])
  func `a schema`(property: String, message: String) {
    #expect(refusal(#"{"name": "f"}"#, schema: property) == "schema" + message)
  }

  @Test(
    arguments: [
      (#""data": [[1]]"#, "data: this property is not supported"), (#""compression": "gz""#, "compression: this property is not supported"),
      (#""format": "xlsx""#, "format: \"xlsx\": only csv is read"), (#""encoding": "latin1""#, "encoding: \"latin1\": only UTF-8 is read"),
      (#""profile": "map""#, "profile: \"map\" is not a table"), (#""type": "json""#, "type: \"json\": only table is read"),
      (#""topic": "a b""#, "topic: \"a b\" is not a valid topic name"), (#""table": """#, "table: must not be empty"),
      (#""dialect": "dialect.json""#, "dialect: a dialect in a separate file"),
    ])
  func `a resource`(property: String, message: String) {
    #expect(refusal(#"{"name": "f"}"#, resource: property) == message)
  }

  @Test func `two fields with the same header or column name are rejected`() {
    #expect(
      refusal(#"{"name": "A  b"}, {"name": "A b "}"#)
        == "schema.fields[1]: \"A b\" and \"A  b\" are the same header once blanks are folded")
    #expect(
      refusal(#"{"name": "a"}, {"name": "日期"}"#) == "schema.fields[1]: \"日期\" has the column name \"_\", which has no letter or digit")
    #expect(refusal(#"{"name": "a-b"}, {"name": "a b"}"#) == "schema.fields[1]: a second field has the column name \"a_b\"")
    #expect(
      refusal("{\"name\": \"\(String(repeating: "x", count: 64))\"}")
        == "schema.fields[0]: the column name \"\(String(repeating: "x", count: 64))\" is longer than 63 bytes")
    #expect(refusal("") == "schema: \"fields\" is empty")
    let many = (0..<1597).map { "{\"name\": \"c\($0)\"}" }.joined(separator: ", ")
    #expect(refusal(many) == "schema: 1597 fields, and a table has room for 1596")
    #expect(refusal(#"{"type": "string"}"#) == "schema.fields[0]: has no \"name\"")
  }
}

extension String {
  fileprivate func trimmingSuffix() -> String {
    var text = self
    while text.last == " " { text.removeLast() }
    return text
  }
}
