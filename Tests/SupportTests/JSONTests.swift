import Foundation
import Support
import Testing

@Suite struct JSONTests {
  @Test func `a value keeps the order of members and the spelling of numbers`() {
    let json = JSON.object([
      ("b", .number("11.00")), ("a", .array([.null, .bool(true), .bool(false), .string("\"\n\u{1}é")])), ("b", .integer(-3)),
      ("", .object([])), ("t", .text(nil)), ("u", .text("")), ("l", .array([])),
    ])
    #expect(json.line == #"{"b":11.00,"a":[null,true,false,"\"\n\u0001é"],"b":-3,"":{},"t":null,"u":"","l":[]}"#)
  }

  @Test func `values are equal if their lines are`() {
    let values: [JSON] = [
      .null, .bool(true), .bool(false), .number("1"), .number("1.0"), .string("1"), .string("null"), .array([]), .array([.null]),
      .object([]), .object([("a", .null)]), .object([("a", .null), ("b", .null)]), .object([("b", .null), ("a", .null)]),
    ]
    for (index, left) in values.enumerated() {
      for (other, right) in values.enumerated() { #expect((left == right) == (index == other), "\(left.line) and \(right.line)") }
    }
  }

  @Test(arguments: [
    "", "plain", "\"quoted\" \\ back", "tab\tline\nreturn\rback\u{8}feed\u{c}", "\u{0}\u{1F}\u{7F}", "Zürich 東京 🎬", "\u{2028}", "/",
  ])
  func `any string survives a round trip, in the bytes that were reserved`(text: String) throws {
    let quoted = JSONString.quoted(text)
    #expect(try JSONDecoder().decode([String].self, from: Data("[\(quoted)]".utf8)) == [text])
    #expect(quoted.utf8.count <= JSONString.room(for: Array(text.utf8).span))
  }

  @Test func `only what must be escaped is escaped, in the short form if there is one`() {
    #expect(JSONString.quoted("\u{8}\t\n\u{c}\r\u{0}\u{1b}\u{1f}\"\\/\u{7f}") == #""\b\t\n\f\r\u0000\u001b\u001f\"\\/"# + "\u{7f}\"")
  }

  @Test func `bytes that are not UTF-8 are kept`() {
    var bytes: [UInt8] = [1]
    JSONString.append([0xff, 0x22, 0xc3], to: &bytes)
    #expect(bytes == [1, 0x22, 0xff, 0x5c, 0x22, 0xc3, 0x22])
  }
}
