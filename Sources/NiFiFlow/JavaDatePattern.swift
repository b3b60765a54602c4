import Dataset

/// Converts a Table Schema date format to a pattern of Java's DateTimeFormatter, which NiFi's reader and writer use.
enum JavaDatePattern {
  static let iso = "yyyy-MM-dd"

  /// Nil if Java would parse it differently: names of months and days depend on the machine's language, and a two-digit
  /// year is 20xx in Java, but 19xx from 69 on in strptime.
  static func pattern(for format: TemporalFormat) -> String? {
    guard case .pattern(let pattern) = format else { return iso }
    var java = ""
    var scalars = pattern.source.unicodeScalars[...]
    while let scalar = scalars.popFirst() {
      switch scalar {
      case "%":
        switch scalars.popFirst() {
        case "Y": java += "yyyy"
        case "m": java += "MM"
        case "d": java += "dd"
        default: return nil
        }
      case "-", "/", ".", " ", ",", "_", ":": java.unicodeScalars.append(scalar)
      default: return nil
      }
    }
    return java
  }
}
