extension String {
  /// The text as it is safe to print for people: one line that cannot move the cursor, change the order of what is read, or hide a part.
  ///
  /// Cells, names, titles, payloads and servers' messages come from outside. Control characters (C0, C1), line and paragraph separators,
  /// bidirectional controls and invisible characters become escapes as in JSON (`\n`, `\u001b`, `\u202e`), so JSON keeps its value.
  /// Joiners and variation selectors stay behind a character that is not ASCII, where scripts and emoji need them.
  /// Printable text is returned unchanged.
  public var printable: String {
    if utf8.allSatisfy({ (0x20...0x7E).contains($0) }) { return self }
    var text = ""
    text.reserveCapacity(utf8.count)
    var previous: Unicode.Scalar = " "
    for scalar in unicodeScalars {
      if scalar.isSafe(after: previous) {
        text.unicodeScalars.append(scalar)
        previous = scalar
      } else {
        text += scalar.escaped
        previous = " "
      }
    }
    return text
  }
}

extension Unicode.Scalar {
  fileprivate func isSafe(after previous: Unicode.Scalar) -> Bool {
    switch properties.generalCategory {
    case .control, .lineSeparator, .paragraphSeparator: return false
    default: break
    }
    guard properties.isDefaultIgnorableCodePoint else { return true }
    // Not in a row: a sequence of selectors can carry a hidden text.
    if properties.isVariationSelector { return !previous.isASCII && !previous.properties.isDefaultIgnorableCodePoint }
    return properties.isJoinControl && !previous.isASCII && !previous.properties.isJoinControl
  }

  fileprivate var escaped: String {
    switch self {
    case "\n": "\\n"
    case "\r": "\\r"
    case "\t": "\\t"
    default:
      UTF16.encode(self)?.map { unit in
        let digits = String(unit, radix: 16)
        return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      }.joined() ?? ""
    }
  }
}
