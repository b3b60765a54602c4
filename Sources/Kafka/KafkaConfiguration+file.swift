extension KafkaConfiguration {
  /// Sets the properties of a configuration file in kcat's format: one `name=value` per line, `#` before a comment; spaces around name and
  /// value are ignored.
  ///
  /// - Parameter file: the file's name, for errors.
  /// - Throws: `KafkaError` of kind `usage` with file and line.
  public mutating func load(_ contents: String, file: String) throws(KafkaError) {
    var number = 0
    for line in contents.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      number += 1
      let text = Self.trimmed(line)
      if text.isEmpty || text.utf8.first == UInt8(ascii: "#") { continue }
      guard let equals = text.utf8.firstIndex(of: UInt8(ascii: "=")) else {
        // The line is not repeated: it may be a password.
        throw .usage("\(file):\(number): expected name=value", advice: "A comment begins with #.")
      }
      let name = Self.trimmed(text.utf8[..<equals])
      do {
        try set(name, Self.trimmed(text.utf8[text.utf8.index(after: equals)...]))
      } catch {
        throw .usage("\(file):\(number): \(error.message)", advice: error.advice)
      }
    }
  }

  private static func trimmed(_ text: Substring.UTF8View) -> String {
    func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r") }
    var text = text.drop(while: isBlank)
    while let last = text.last, isBlank(last) { text.removeLast() }
    return String(decoding: text, as: UTF8.self)
  }
}
