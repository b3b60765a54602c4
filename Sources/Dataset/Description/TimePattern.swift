/// A strptime pattern, such as `%d-%m-%Y`. Directives: %Y %y %m %b %B %d %H %I %p %M %S %f %z %a %A %%. Names are English.
public struct TimePattern: Sendable, Equatable {
  enum Item: Sendable, Equatable {
    case literal(UInt8)
    /// One or more blanks.
    case blanks
    case directive(UInt8)
  }

  /// The pattern as the description spells it.
  public let source: String
  let items: [Item]

  static let directives = "YymbBdHIpMSfzaA"

  /// Throws ParseError if a directive is not supported.
  init(_ source: String) throws(ParseError) {
    var items: [Item] = []
    var bytes = Array(source.utf8)[...]
    while let byte = bytes.popFirst() {
      if byte == UInt8(ascii: "%") {
        guard let letter = bytes.popFirst() else { throw ParseError(message: "ends in a lone %") }
        if letter == UInt8(ascii: "%") {
          items.append(.literal(letter))
        } else if Self.directives.utf8.contains(letter) {
          items.append(.directive(letter))
        } else {
          throw ParseError(message: "the directive %\(String(decoding: [letter], as: UTF8.self)) is not supported")
        }
      } else if byte == 0x20 || byte == 0x09 {
        if items.last != .blanks { items.append(.blanks) }
      } else {
        items.append(.literal(byte))
      }
    }
    self.source = source
    self.items = items
  }

  struct ParseError: Error { let message: String }

  func has(_ letters: String) -> Bool {
    items.contains { item in
      if case .directive(let letter) = item { return letters.utf8.contains(letter) }
      return false
    }
  }

  /// True if year, month and day can be read.
  var givesDate: Bool { has("Yy") && has("mbB") && has("d") }
  /// True if at least the hour can be read unambiguously.
  var givesTime: Bool { has("H") || (has("I") && has("p")) }
  var hasDateParts: Bool { has("YymbBdaA") }
  var hasTimeParts: Bool { has("HIpMSfz") }
}
