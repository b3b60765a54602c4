/// Text from outside as a gnuplot string.
enum GnuplotText {
  /// In single quotes gnuplot reads nothing but the end of the string: no escape, no `` `command` ``, no @macro. Its way to write a quote
  /// within (twice) fails at a string's start, where it would end it: an apostrophe becomes the typographic one, so that nothing can end
  /// the string. Control characters, which would end the line, become blanks. Markup is off by `noenhanced`.
  static func quoted(_ text: String) -> String { "'\(plain(text))'" }

  /// Cut to what fits, with an ellipsis.
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

  /// How wide a text is, in Latin characters.
  static func width(_ text: String) -> Double { text.reduce(0) { $0 + width(of: $1) } }

  /// Ideographs, kana, Hangul, full-width forms and emoji take the room of nearly two. A letter of an Indic script may come with others
  /// under, over or beside it.
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

  /// Whether letters on both sides are joined: a matter of spelling in Hindi and Persian, where other format characters reorder the line.
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
