import Dataset

/// A date format of Table Schema as Java's DateTimeFormatter spells it; NiFi's reader and writer take those.
enum JavaDatePattern {
  static let iso = "yyyy-MM-dd"

  /// Nil where Java's letters do not read the same: names of months and days depend on the machine's language, and a year of
  /// two digits is 20xx in Java, 19xx from 69 on in strptime.
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
