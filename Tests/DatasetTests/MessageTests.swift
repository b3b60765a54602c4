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
  func `any valid spelling is read`(message: String) { #expect(decoded(message, resource) == .success(row)) }

  @Test(arguments: [
    ("date", "%d.%m.%Y", "31.03.2019", "2019-03-31"), ("date", "%d.%m.%Y", "2019-03-31", "2019-03-31"),
    ("datetime", "%d.%m.%Y %H:%M", "31.03.2019 08:05", "2019-03-31T08:05:00Z"), ("time", "%H:%M", "08:05", "08:05:00"),
    // In ISO 8601 this is the third day of December.
    ("date", "%Y-%d-%m", "2019-31-03", nil), ("date", "default", "31.03.2019", nil),
  ])
  func `a date may be in the field's pattern, unless that could mean another day`(
    type: String, format: String, value: String, expected: String?
  ) throws {
    let resource = try makeResource(#"{"name": "i", "type": "integer"}, {"name": "d", "type": "\#(type)", "format": "\#(format)"}"#)
    let result = decoded(#"{"i":1,"d":"\#(value)"}"#, resource)
    if let expected {
      #expect(result == .success(["1", expected]))
    } else {
      #expect(throws: RejectReason.self) { try result.get() }
    }
  }

  @Test func `an instant is a date or a time of RFC 3339`() {
    #expect(ISOTime.instant("1970-01-02") == 86_400_000_000)
    #expect(ISOTime.instant("1970-01-01T00:00:01.5+00:00") == 1_500_000)
    for text in ["", "yesterday", "1970-02-30", "12:00:00", "1970-01-01T"] { #expect(ISOTime.instant(text) == nil) }
  }

  @Test(
    arguments: [
      ("", .notJSON, "not JSON: it is empty, at byte 1"), ("hello", .notJSON, "not JSON: a value is missing here, at byte 1"),
      (#"{"d":"2019-03-31""#, .notJSON, "not JSON: the object is not closed, at byte 18"),
      (#"{"d":"2019-03-31",}"#, .notJSON, "not JSON: a name in quotes is missing, at byte 19"),
      (#"{"d":"2019-03-31"} x"#, .notJSON, "not JSON: text after the end of the value, at byte 20"),
      (#"{"d":"2019-03-31","i":016}"#, .notJSON, "not JSON: a number does not begin with 0, at byte 23"),
      (#"{"d":"2019-03-31","i":+16}"#, .notJSON, "not JSON: a value is missing here, at byte 23"),
      (#"{"d":"2019-03-31","x":[1,2}"#, .notJSON, "not JSON: a comma is missing, at byte 27"),
      ("{'d':1}", .notJSON, "begins with {': a Python dict as text, not JSON"),
      ("{d:1}", .notJSON, "not JSON: a name in quotes is missing, at byte 2"),
      (#"{"d":"2019-03-31","s":"\ud83dx"}"#, .invalidUTF8, "text with half of a surrogate pair, at byte 24"),
      (#"{"d":"2019-03-31","s":"\udc00"}"#, .invalidUTF8, "text with half of a surrogate pair, at byte 24"),
      ("{\"d\":\"2019-03-31\",\"s\":\"a\nb\"}", .notJSON, "not JSON: a control character in a string must be escaped, at byte 25"),
      ("[1,2]", .notAnObject, "JSON, but not an object: [1,2]"), ("null", .notAnObject, "JSON, but not an object: null"),
      (#"{"i":1}"#, .key, "d: part of the key, and is not in the message"), (#"{"d":null}"#, .key, "d: part of the key, and is null"),
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
  func `a rejected message has a reason`(message: String, kind: RejectReason.Kind, text: String) {
    #expect(decoded(message, resource) == .failure(RejectReason(kind, text)))
  }

  @Test(
    arguments: [
      ("{}", "an empty object: no described field"),
      (#"{"d":"2019-03-31"}"#, "no described field but the key"),
      (#"{"error":"upstream failed","at":1}"#, "no described field: error, at"),
      (#"{"D":"2019-03-31","I":1,"x":2}"#, "no described field: D: did you mean d; I: did you mean i?"),
      (#"{"d":"2019-03-31","N":1}"#, "no described field but the key: N: did you mean n?"),
      (
        #"{"schema":{"type":"struct"},"payload":{"d":"2019-03-31","i":1}}"#,
        "no described field: schema, payload: an envelope of Kafka Connect? value.converter.schemas.enable=false sends the payload alone"
      ),
      (
        #"{"before":null,"after":{"d":"2019-03-31"},"source":{},"op":"c"}"#,
        "no described field: before, after, source, op: an envelope of Debezium? Its transform ExtractNewRecordState sends the row alone"
      ),
      (#"{"id":1,"data":{"i":1}}"#, "no described field: id, data: an envelope? Described fields are inside data"),
      (#"{"a":1,"a":2}"#, "no described field"),
      (#"{"1":0,"2":0,"3":0,"4":0,"5":0,"6":0,"7":0,"8":0,"9":0}"#, "no described field: 1, 2, 3, 4, 5, 6, 7, 8, …"),
      (#"{"\u001b[2J":1}"#, "no described field: \u{FFFD}[2J"),
    ])
  func `an object without a described field has a reason that names what it looks like`(message: String, text: String) {
    #expect(decoded(message, resource) == .failure(RejectReason(.noField, text)))
  }

  @Test func `a name of the header or in camel case is recognized`() throws {
    let resource = try makeResource(#"{"name": "Global  Revenue"}, {"name": "ARPU (US$)", "column": "arpu"}"#)
    #expect(
      decoded(#"{"globalRevenue":"1","ARPU (US$)":"2"}"#, resource)
        == .failure(
          RejectReason(.noField, "no described field: globalRevenue: did you mean global_revenue; ARPU (US$): did you mean arpu?")))
  }

  @Test func `a dataset whose only fields are its key takes messages of the key`() throws {
    let resource = try makeResource(#"{"name": "a"}, {"name": "b"}"#, schema: #""primaryKey": ["a", "b"]"#)
    #expect(decoded(#"{"b":"2","a":"1"}"#, resource) == .success(["1", "2"]))
    #expect(decoded("{}", resource) == .failure(RejectReason(.noField, "an empty object: no described field")))
  }

  @Test func `one described field besides the key is enough, null or not`() {
    #expect(decoded(#"{"d":"2019-03-31","s":null}"#, resource) == .success(["2019-03-31", nil, nil, nil, nil]))
    #expect(decoded(#"{"d":"2019-03-31","schema":1,"payload":2,"i":3}"#, resource) == .success(["2019-03-31", "3", nil, nil, nil]))
  }

  @Test(
    arguments: [
      ([0, 0, 0, 1, 7, 2, 4], "byte 0: a Schema Registry format (Avro, Protobuf, JSON Schema)"),
      ([0x4F, 0x62, 0x6A, 1, 4], "Obj and byte 1: an Avro container file"),
      ([0x1F, 0x8B, 8, 0], "bytes 1F 8B: gzip"), ([0x28, 0xB5, 0x2F, 0xFD, 0], "bytes 28 B5 2F FD: Zstandard"),
      ([0xEF, 0xBB, 0xBF, 0x7B, 0x7D], "a byte-order mark (EF BB BF)"),
      ([0xFF, 0xFE, 0x7B, 0], "bytes FF FE: UTF-16"), (Array("<a/>".utf8), "<: XML or HTML"),
      ([0x80, 4, 0x95], "byte 80: a Python pickle"), ([0x50, 0x4B, 3, 4], "PK: a zip archive or an Excel workbook"),
    ] as [([UInt8], String)])
  func `bytes of another format are named`(bytes: [UInt8], name: String) {
    #expect(decoded(bytes, resource) == .failure(RejectReason(.notJSON, "begins with \(name), not JSON")))
  }

  @Test func `a payload shorter than a format's first bytes is not recognized as that format`() {
    #expect(decoded([0, 0, 0, 1], resource) == .failure(RejectReason(.notJSON, "not JSON: a value is missing here, at byte 1")))
    #expect(decoded([0x1F], resource) == .failure(RejectReason(.notJSON, "not JSON: a value is missing here, at byte 1")))
  }

  @Test func `an object that was encoded twice is recognized`() {
    #expect(
      decoded(#""{\"d\":1}""#, resource)
        == .failure(RejectReason(.notAnObject, #"JSON, but not an object: "{\"d\":1}": an object that was encoded twice?"#)))
    #expect(decoded(#""text""#, resource) == .failure(RejectReason(.notAnObject, #"JSON, but not an object: "text""#)))
  }

  @Test func `bytes that are not UTF-8 are reported, wherever they occur`() {
    let head = Array(#"{"d":"2019-03-31","s":"a"#.utf8)
    #expect(
      decoded(head + [0xC0, 0x80] + Array("\"}".utf8), resource)
        == .failure(RejectReason(.invalidUTF8, "text that is not UTF-8, at byte 25")))
    // A surrogate encoded in UTF-8, as some encoders write it.
    #expect(
      decoded(head + [0xED, 0xA0, 0x80] + Array("\"}".utf8), resource)
        == .failure(RejectReason(.invalidUTF8, "text that is not UTF-8, at byte 25")))
    let unknown = Array(#"{"d":"2019-03-31","x":""#.utf8) + [0xFF] + Array("\"}".utf8)
    #expect(decoded(unknown, resource) == .failure(RejectReason(.invalidUTF8, "text that is not UTF-8, at byte 24")))
  }

  @Test func `deep nesting uses memory in proportion to its length, not the stack`() {
    let bomb = String(repeating: "[", count: 1_000_000)
    #expect(decoded(bomb, resource) == .failure(RejectReason(.notJSON, "not JSON: the text ends early, at byte 1000001")))
    let deep = #"{"d":"2019-03-31","x":"# + bomb + String(repeating: "]", count: 1_000_000) + "}"
    #expect(decoded(deep, resource) == .failure(RejectReason(.noField, "no described field but the key")))
    #expect(decoded(deep.dropLast() + #","i":1}"#, resource) == .success(["2019-03-31", "1", nil, nil, nil]))
  }

  @Test func `undeclared fields are skipped, counted and recorded once`() throws {
    var decoder = MessageDecoder(resource: resource)
    var row = Row()
    for _ in 0..<3 {
      try decoder.decode(Array(#"{"d":"2019-03-31","new":1,"s":"x"}"#.utf8).span, into: &row)
      #expect(row.string(at: 3) == "x")
    }
    #expect(decoder.unknownFields == ["new"])
    #expect(decoder.unknownCount == 3)
  }

  @Test func `a decoder can be reused after a rejected message`() throws {
    var decoder = MessageDecoder(resource: resource)
    var row = Row()
    #expect(throws: RejectReason(.wrongType, "b: 7 is not true or false")) {
      try decoder.decode(Array(#"{"d":"2019-03-31","i":1,"s":"left over","b":7}"#.utf8).span, into: &row)
    }
    try decoder.decode(Array(#"{"d":"2020-01-01","b":null}"#.utf8).span, into: &row)
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
