extension String {
  /// The text's words in lines of at most `width` characters; a longer word has a line of its own. No lines if there is no word.
  public func wrapped(width: Int) -> [String] {
    var lines: [String] = []
    var length = 0
    for word in split(separator: " ") {
      let count = word.count
      if lines.isEmpty || length + 1 + count > width {
        lines.append(String(word))
        length = count
      } else {
        lines[lines.count - 1] += " " + word
        length += 1 + count
      }
    }
    return lines
  }
}
