extension String {
  /// The text in a form that is safe to print: one line that cannot move the cursor, change the reading order, or hide a part.
  ///
  /// Cells, names, titles, payloads and servers' messages are untrusted. Control characters (C0, C1), line and paragraph separators,
  /// bidirectional controls and invisible characters become JSON escapes (`\n`, `\u001b`, `\u202e`), so JSON keeps its value.
  /// Joiners and variation selectors after a non-ASCII character are kept, because scripts and emoji need them.
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
    // Only one: a sequence of selectors can carry hidden text.
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
