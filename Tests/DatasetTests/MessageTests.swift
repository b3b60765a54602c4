import Testing

@testable import Dataset

@Suite struct MessageTests {
  let resource: Resource

  init() throws {
    resource = try makeResource(
      #"{"name": "d", "type": "date"}, {"name": "i", "type": "integer"}, {"name": "n", "type": "number"}, {"name": "s"}, {"name": "b", "type": "boolean"}"#,
      schema: #""primaryKey": "d""#)
  }

  private let row: [String?] = ["2019-03-31", "16", "11.45", "é\"", "true"]

  @Test(
    "any valid spelling is read",
    arguments: [
      #"{"d":"2019-03-31","i":16,"n":11.45,"s":"é\"","b":true}"#,
      " {\n\t\"d\" : \"2019-03-31\" , \"i\":16 ,\"n\": 11.45, \"s\":\"\\u00e9\\\"\",\"b\":true}\r\n ",
      #"{"b":true,"s":"é\"","n":11.45,"i":16,"d":"2019-03-31"}"#,
      #"{"d":"2019-03-31","i":16.0,"n":11.45,"s":"é\"","b":true}"#,
      #"{"d":"2019-03-31","i":1.6e1,"n":1145e-2,"s":"é\"","b":true}"#,
      #"{"d":"2019-03-31","i":1600E-2,"n":0.1145E+2,"s":"é\"","b":true}"#,
      #"{"\u0064":"2019\u002d03-31","i":16,"n":11.45,"s":"é\"","b":true}"#,
      #"{"i":"none","d":"2019-03-31","i":16,"n":11.45,"s":"é\"","b":false,"b":true}"#,
      #"{"d":"2019-03-31","i":16,"n":11.45,"s":"é\"","b":true,"more":{"a":[1,{"b":null}],"c":"\ud83d\ude00"},"x":[]}"#,
    ])
  func spellings(message: String) { #expect(decoded(message, resource) == .success(row)) }

  @Test(
    "what cannot be a row has a reason",
    arguments: [
      ("", .notJSON, "not JSON: it is empty, at byte 1"), ("hello", .notJSON, "not JSON: a value is missing here, at byte 1"),
      (#"{"d":"2019-03-31""#, .notJSON, "not JSON: the object is not closed, at byte 18"),
      (#"{"d":"2019-03-31",}"#, .notJSON, "not JSON: a name in quotes is missing, at byte 19"),
      (#"{"d":"2019-03-31"} x"#, .notJSON, "not JSON: text behind the end of the value, at byte 20"),
      (#"{"d":"2019-03-31","i":016}"#, .notJSON, "not JSON: a number does not begin with 0, at byte 23"),
      (#"{"d":"2019-03-31","i":+16}"#, .notJSON, "not JSON: a value is missing here, at byte 23"),
      (#"{"d":"2019-03-31","x":[1,2}"#, .notJSON, "not JSON: a comma is missing, at byte 27"),
      ("{'d':1}", .notJSON, "not JSON: a name in quotes is missing, at byte 2"),
      (#"{"d":"2019-03-31","s":"\ud83dx"}"#, .invalidUTF8, "text with half of a surrogate pair, at byte 24"),
      (#"{"d":"2019-03-31","s":"\udc00"}"#, .invalidUTF8, "text with half of a surrogate pair, at byte 24"),
      ("{\"d\":\"2019-03-31\",\"s\":\"a\nb\"}", .notJSON, "not JSON: a control character in a string must be escaped, at byte 25"),
      ("[1,2]", .notAnObject, "JSON, but not an object: [1,2]"), ("null", .notAnObject, "JSON, but not an object: null"),
      ("{}", .key, "d: part of the key, and is not in the message"), (#"{"d":null}"#, .key, "d: part of the key, and is null"),
      (#"{"d":20190331}"#, .wrongType, "d: 20190331 is not a date (\"YYYY-MM-DD\")"),
      (#"{"d":"31-03-2019"}"#, .wrongType, "d: \"31-03-2019\" is not a date (\"YYYY-MM-DD\")"),
      (#"{"d":"2019-03-31","i":16.5}"#, .wrongType, "i: 16.5 is not a whole number"),
      (#"{"d":"2019-03-31","i":"16"}"#, .wrongType, "i: \"16\" is not a whole number"),
      (#"{"d":"2019-03-31","n":true}"#, .wrongType, "n: true is not a number"),
      (#"{"d":"2019-03-31","b":1}"#, .wrongType, "b: 1 is not true or false"),
      (#"{"d":"2019-03-31","s":5}"#, .wrongType, "s: 5 is not a string"),
      (#"{"d":"2019-03-31","i":9223372036854775808}"#, .outOfRange, "i: 9223372036854775808 does not fit 64 bits"),
      (#"{"d":"2019-03-31","i":1e400}"#, .outOfRange, "i: 1e400 does not fit 64 bits"),
      (#"{"d":"2019-03-31","n":1e200000}"#, .outOfRange, "n: 1e200000 is longer than a number can be"),
      (#"{"d":"2019-03-31","i":[16]}"#, .nested, "i: a nested value ([16]), and must be a whole number"),
      (#"{"d":{"y":2019}}"#, .nested, "d: a nested value ({\"y\":2019}), and must be a date (\"YYYY-MM-DD\")"),
      (#"{"d":"2019-03-31","s":"a\u0000b"}"#, .zeroCharacter, "s: U+0000 in a text, which no table can hold"),
    ] as [(String, RejectReason.Kind, String)])
  func reasons(message: String, kind: RejectReason.Kind, text: String) {
    #expect(decoded(message, resource) == .failure(RejectReason(kind, text)))
  }

  @Test func `bytes that are not UTF-8 are told, wherever they are`() {
    let head = Array(#"{"d":"2019-03-31","s":"a"#.utf8)
    #expect(
      decoded(head + [0xC0, 0x80] + Array("\"}".utf8), resource)
        == .failure(RejectReason(.invalidUTF8, "text that is not UTF-8, at byte 25")))
    // A surrogate in UTF-8, as some writers make it.
    #expect(
      decoded(head + [0xED, 0xA0, 0x80] + Array("\"}".utf8), resource)
        == .failure(RejectReason(.invalidUTF8, "text that is not UTF-8, at byte 25")))
    let unknown = Array(#"{"d":"2019-03-31","x":""#.utf8) + [0xFF] + Array("\"}".utf8)
    #expect(decoded(unknown, resource) == .failure(RejectReason(.invalidUTF8, "text that is not UTF-8, at byte 24")))
  }

  @Test func `depth costs its length, not the stack`() {
    let bomb = String(repeating: "[", count: 1_000_000)
    #expect(decoded(bomb, resource) == .failure(RejectReason(.notJSON, "not JSON: the text ends early, at byte 1000001")))
    let deep = #"{"d":"2019-03-31","x":"# + bomb + String(repeating: "]", count: 1_000_000) + "}"
    #expect(decoded(deep, resource) == .success(["2019-03-31", nil, nil, nil, nil]))
  }

  @Test func `unknown fields are passed over, counted and named once`() throws {
    var decoder = MessageDecoder(resource: resource)
    var row = Row()
    for _ in 0..<3 {
      try decoder.decode(Array(#"{"d":"2019-03-31","new":1,"s":"x"}"#.utf8).span, into: &row)
      #expect(row.string(at: 3) == "x")
    }
    #expect(decoder.unknownFields == ["new"])
    #expect(decoder.unknownCount == 3)
  }

  @Test func `a decoder is as good as new after a reject`() throws {
    var decoder = MessageDecoder(resource: resource)
    var row = Row()
    #expect(throws: RejectReason.self) {
      try decoder.decode(Array(#"{"d":"2019-03-31","i":1,"s":"left over","b":7}"#.utf8).span, into: &row)
    }
    try decoder.decode(Array(#"{"d":"2020-01-01"}"#.utf8).span, into: &row)
    #expect(row == Row(cells: [Cell(.date, payload: 18262), .null, .null, .null, .null]))
  }

  @Test func `keys: text of one column, an array of several, none`() throws {
    func key(_ schema: String) throws -> String? {
      let resource = try makeResource(#"{"name": "s"}, {"name": "d", "type": "date"}, {"name": "n", "type": "number"}"#, schema: schema)
      return encodedKey(try typedRows("s,d,n\n\"a\"\"b\",2020-01-02,1.50\n", resource)[0], resource)
    }
    #expect(try key(#""primaryKey": "s""#) == "a\"b")
    #expect(try key(#""primaryKey": ["d"]"#) == "2020-01-02")
    #expect(try key(#""primaryKey": "n""#) == "1.50")
    #expect(try key(#""primaryKey": ["n", "s", "d"]"#) == #"[1.50,"a\"b","2020-01-02"]"#)
    #expect(try key("") == nil)
  }

  @Test func `column names are escaped`() throws {
    let odd = try makeResource(#"{"name": "a", "column": "quo\"te \\ \n é"}"#)
    let row = try typedRows("a\nx\n", odd)[0]
    #expect(encoded(row, odd) == #"{"quo\"te \\ \n é":"x"}"#)
    #expect(decoded(encoded(row, odd), odd) == .success(["x"]))
  }
}
