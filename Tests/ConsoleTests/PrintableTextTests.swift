import Console
import Foundation
import Testing

@Suite("Printable text")
struct PrintableTextTests {
  @Test(arguments: [
    ("\u{1B}[2J\u{1B}]0;title\u{7}", #"\u001b[2J\u001b]0;title\u0007"#),
    ("a\nerror: forged\r\n\tb", #"a\nerror: forged\r\n\tb"#),
    ("\u{0}\u{7F}\u{80}\u{9B}31m\u{9F}", #"\u0000\u007f\u0080\u009b31m\u009f"#),
    ("line\u{2028}paragraph\u{2029}next\u{85}", #"line\u2028paragraph\u2029next\u0085"#),
    ("\u{202E}gpj.exe\u{202C}\u{2066}\u{2069}\u{200F}\u{61C}", #"\u202egpj.exe\u202c\u2066\u2069\u200f\u061c"#),
    ("pay\u{200B}pal\u{AD}\u{2060}\u{FEFF}\u{3164}", #"pay\u200bpal\u00ad\u2060\ufeff\u3164"#),
    ("A\u{E0041}\u{E0042}", #"A\udb40\udc41\udb40\udc42"#),
    ("a\u{200D}b ü\u{200D}\u{200D}", "a\\u200db ü\u{200D}\\u200d"),
    ("❤\u{FE0F}\u{FE0E}", "❤\u{FE0F}\\ufe0e"),
  ])
  func `escapes characters that control a terminal, forge a line, reorder or hide text`(text: String, shown: String) {
    #expect(text.printable == shown)
    #expect(shown.printable == shown)
  }

  @Test(arguments: [
    "", "plain ~ text", #"C:\new\table"#, "Zürich 東京 ไทย", "مرحبا שלום", "می\u{200C}خواهم क्\u{200D}ष",
    "👨\u{200D}👩\u{200D}👧 ❤\u{FE0F}\u{200D}🔥 🎬",
    "e\u{301}", "100\u{A0}%",
  ])
  func `leaves text in any script unchanged`(text: String) { #expect(text.printable == text) }

  @Test func `keeps the value of JSON`() throws {
    let json = "{\"name\":\"a\u{202E}b\u{9B}\u{200B}\u{E0041}\"}"
    func value(_ json: String) throws -> [String: String] { try JSONDecoder().decode([String: String].self, from: Data(json.utf8)) }
    #expect(json.printable != json)
    #expect(try value(json.printable) == value(json))
  }
}
