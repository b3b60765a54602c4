/// A `pattern` constraint: a regular expression that the whole text must match.
///
/// Only the source is stored, since it is Sendable; each reader compiles it. Characters are Unicode scalars, as in XML Schema.
public struct TextPattern: Sendable, Equatable {
  /// The regular expression as the description spells it.
  public let source: String

  /// Throws if the expression is invalid, or uses a feature of XML Schema that Swift's Regex does not have.
  init(_ source: String) throws(ParseError) {
    self.source = source
    var escaped = false
    var previous: Character?
    for character in source {
      if escaped, "iIcC".contains(character) { throw ParseError(message: "\\\(character) is not supported") }
      if !escaped, character == "[", previous == "-" { throw ParseError(message: "subtracting a class of characters is not supported") }
      escaped = !escaped && character == "\\"
      previous = character
    }
    if source.contains("\\p{Is") || source.contains("\\P{Is") { throw ParseError(message: "blocks such as \\p{IsLatin} are not supported") }
    _ = try compiled()
  }

  struct ParseError: Error { let message: String }

  func compiled() throws(ParseError) -> Regex<AnyRegexOutput> {
    do {
      return try Regex(source).matchingSemantics(.unicodeScalar)
    } catch {
      throw ParseError(message: "not a regular expression: \(error)")
    }
  }
}
