import Dataset

/// The settings of NiFi's CSVReader for the description. A description that NiFi would read differently is rejected.
struct CSVReaderSettings {
  /// The reader's properties by their internal names, in the order in which they are written.
  let properties: [(name: String, value: String)]

  /// - Throws: `DatasetError` (unsupported) with the field and the property that NiFi does not support.
  init(resource: Resource, file: String) throws(DatasetError) {
    let unsupported = UnsupportedFeature(file: file)
    try unsupported.check(resource.dialect)
    var datePattern: (java: String, header: String)?
    for (index, field) in resource.fields.enumerated() {
      try unsupported.check(field)
      guard let java = try unsupported.datePattern(of: field) else { continue }
      if let first = datePattern, first.java != java {
        throw unsupported.of(field, "format", "NiFi's CSVReader has one date format for all columns, and \"\(first.header)\" has another")
      }
      datePattern = (java, resource.fields[index].header)
    }
    try unsupported.check(key: resource)

    let hasText = resource.fields.contains { $0.type == .string }
    var properties: [(String, String)] = [
      ("schema-access-strategy", "schema-text-property"),
      ("schema-text", AvroSchema(resource: resource, trims: !hasText).text),
    ]
    if let datePattern { properties.append(("Date Format", datePattern.java)) }
    properties.append(("Skip Header Line", "true"))
    let delimiter = resource.dialect.delimiter
    if delimiter != UInt8(ascii: ",") {
      properties.append(("Value Separator", delimiter == 0x09 ? "\\t" : String(UnicodeScalar(delimiter))))
    }
    if let quote = resource.dialect.quote, quote != UInt8(ascii: "\"") {
      properties.append(("Quote Character", String(UnicodeScalar(quote))))
    }
    // As in RFC 4180: NiFi's defaults change text. Numbers and dates are not affected, and may have spaces around them.
    if hasText {
      properties.append(("Escape Character", ""))
      properties.append(("Trim Fields", "false"))
      properties.append(("Trim double quote", "false"))
    }
    self.properties = properties
  }
}

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
