/// Writes XML element by element, indented by two spaces.
struct XMLText {
  private(set) var text = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n"
  private var depth = 0

  /// Writes `<name>text</name>` as one line.
  mutating func leaf(_ name: String, _ content: String) {
    line("<\(name)>\(Self.escaped(content))</\(name)>")
  }

  /// Writes an element around the output of `body`.
  mutating func element(_ name: String, attributes: String = "", _ body: (inout XMLText) -> Void) {
    line("<\(name)\(attributes)>")
    depth += 1
    body(&self)
    depth -= 1
    line("</\(name)>")
  }

  /// Writes an `<entry>` of a map: a key and its value.
  mutating func entry(_ key: String, _ value: String) {
    line("<entry><key>\(Self.escaped(key))</key><value>\(Self.escaped(value))</value></entry>")
  }

  private mutating func line(_ content: String) {
    text += String(repeating: "  ", count: depth) + content + "\n"
  }

  static func escaped(_ text: String) -> String {
    var escaped = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }
}
