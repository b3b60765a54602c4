/// Text from outside as a gnuplot string.
enum GnuplotText {
  /// In single quotes gnuplot reads nothing but the end of the string: no escape, no `` `command` ``, no @macro. Its way to write a quote
  /// within (twice) fails at a string's start, where it would end it: an apostrophe becomes the typographic one, so that nothing can end
  /// the string. Control characters, which would end the line, become blanks. Markup is off by `noenhanced`.
  static func quoted(_ text: String) -> String { "'\(plain(text))'" }

  /// Cut to what fits, with an ellipsis.
  static func fitted(_ text: String, _ most: Int) -> String {
    text.count > most ? text.prefix(max(1, most - 1)).trimmingBlanks + "…" : text
  }

  static func plain(_ text: String) -> String {
    String(
      String.UnicodeScalarView(
        text.unicodeScalars.map { $0 == "'" ? "\u{2019}" : $0.properties.generalCategory.isLineBreaking ? " " : $0 }))
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
