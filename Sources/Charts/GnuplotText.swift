/// Untrusted text as a gnuplot string.
enum GnuplotText {
  /// In single quotes gnuplot interprets only the end of the string: no escapes, no `` `command` ``, no @macro. Its notation for a quote
  /// in the string (doubled) fails at the start of a string, where it would end it. Each apostrophe becomes the typographic one, so that nothing
  /// can end the string. Control characters, which would end the line, become spaces. `noenhanced` turns markup off.
  static func quoted(_ text: String) -> String { "'\(plain(text))'" }

  /// The text truncated to the width, with an ellipsis.
  static func fitted(_ text: String, _ most: Int) -> String {
    if width(text) <= Double(most) { return text }
    var (kept, room) = (text.startIndex, Double(most) - 1)
    for index in text.indices {
      room -= width(of: text[index])
      if room < 0, kept > text.startIndex { break }
      kept = text.index(after: index)
    }
    return text[..<kept].trimmingBlanks + "…"
  }

  /// The width of a text, in Latin characters.
  static func width(_ text: String) -> Double { text.reduce(0) { $0 + width(of: $1) } }

  /// Ideographs, kana, Hangul, full-width forms and emoji are nearly two characters wide. A letter of an Indic script may have other letters
  /// below, above or next to it.
  private static func width(of character: Character) -> Double {
    guard let first = character.unicodeScalars.first?.value else { return 0 }
    return switch first {
    case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6,
      0x1F300...0x1FAFF, 0x20000...0x3FFFD:
      1.8
    case 0x0900...0x0DFF: character.unicodeScalars.count > 1 ? 1.6 : 1.2
    default: 1
    }
  }

  /// Whether the character joins or separates its neighbors: it is part of the spelling in Hindi and Persian, unlike other format characters,
  /// which can reorder the line.
  static func isJoiner(_ scalar: Unicode.Scalar) -> Bool { scalar == "\u{200C}" || scalar == "\u{200D}" }

  static func plain(_ text: String) -> String {
    String(
      String.UnicodeScalarView(
        text.unicodeScalars.map { $0 == "'" ? "\u{2019}" : $0.properties.generalCategory.isLineBreaking && !isJoiner($0) ? " " : $0 }))
  }
}

extension Unicode.GeneralCategory {
  fileprivate var isLineBreaking: Bool {
    switch self {
    case .control, .lineSeparator, .paragraphSeparator, .format, .surrogate: true
    default: false
    }
  }
}

extension Substring {
  fileprivate var trimmingBlanks: Substring {
    var result = self
    while result.last?.isWhitespace == true { result.removeLast() }
    return result
  }
}
