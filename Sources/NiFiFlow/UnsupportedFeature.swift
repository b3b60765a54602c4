import Dataset

/// Errors for features of the description that NiFi's CSVReader does not support, with the field and the property.
struct UnsupportedFeature {
  let file: String

  func of(_ field: Field, _ property: String, _ reason: String) -> DatasetError {
    DatasetError(
      .unsupportedDescription, "field \"\(field.header)\", property \"\(property)\": \(reason)", file: file,
      hint: "publish this CSV by netflix-producer")
  }

  private func of(_ property: String, _ reason: String) -> DatasetError {
    DatasetError(
      .unsupportedDescription, "property \"\(property)\": \(reason)", file: file, hint: "publish this CSV by netflix-producer")
  }

  func check(_ dialect: Dialect) throws(DatasetError) {
    if !dialect.hasHeader { throw of("dialect.header", "NiFi's flow needs a header line") }
    if dialect.comment != nil { throw of("dialect.commentChar", "NiFi's flow does not support comment lines") }
    if dialect.quote == nil { throw of("dialect.quoteChar", "NiFi's CSVReader needs a quote character") }
    if dialect.skipInitialSpace { throw of("dialect.skipInitialSpace", "NiFi's CSVReader does not support it") }
    if dialect.headerCase == .insensitive { throw of("dialect.caseSensitiveHeader", "NiFi's CSVReader compares headers case-sensitively") }
    if dialect.headerMatch != .subset { throw of("schema.fieldsMatch", "NiFi's CSVReader skips undeclared columns") }
  }

  func check(_ field: Field) throws(DatasetError) {
    if !Self.isName(field.column) { throw of(field, "column", "\"\(field.column)\" is not a valid name in an Avro schema") }
    if field.header.contains("${") { throw of(field, "name", "NiFi would evaluate ${ as an expression") }
    if field.missingValues != [""] {
      throw of(field, "missingValues", "NiFi's CSVReader supports only the empty cell as a missing value")
    }
    if let pattern = field.constraints.pattern {
      throw of(field, "constraints.pattern", "NiFi's flow cannot check \"\(pattern.source)\"")
    }
    switch field.type {
    case .integer(let format), .number(let format): try check(field, format)
    case .boolean(let format):
      if !format.trueValues.allSatisfy({ $0.lowercased() == "true" }) { throw of(field, "trueValues", "NiFi reads only \"true\" as true") }
      if !format.falseValues.allSatisfy({ $0.lowercased() == "false" }) {
        throw of(field, "falseValues", "NiFi reads only \"false\" as false")
      }
    case .datetime, .time: throw of(field, "type", "NiFi would write a \(field.type.name) differently from netflix-producer")
    case .string, .date, .year: break
    }
  }

  private func check(_ field: Field, _ format: NumberFormat) throws(DatasetError) {
    if format.decimalChar != "." { throw of(field, "decimalChar", "NiFi's CSVReader supports only a decimal point") }
    if format.groupChar != nil { throw of(field, "groupChar", "NiFi's CSVReader does not support thousands separators") }
    if !format.bareNumber { throw of(field, "bareNumber", "NiFi's CSVReader does not support text around a number") }
  }

  /// The Java pattern of a date field; nil for other fields.
  func datePattern(of field: Field) throws(DatasetError) -> String? {
    guard case .date(let format) = field.type else { return nil }
    guard let java = JavaDatePattern.pattern(for: format) else {
      throw of(field, "format", "NiFi's flow supports only dates of %Y, %m and %d with punctuation")
    }
    return java
  }

  func check(key resource: Resource) throws(DatasetError) {
    if resource.primaryKey.count > 1 {
      let columns = resource.primaryKey.map { "\"\(resource.fields[$0].header)\"" }.joined(separator: ", ")
      throw of("schema.primaryKey", "NiFi supports a key of one column only, and this key has \(columns)")
    }
    if let key = resource.primaryKey.first, case .number = resource.fields[key].type {
      throw of(resource.fields[key], "type", "NiFi writes a decimal in a key differently from netflix-producer")
    }
  }

  /// Whether the text is a valid Avro name: a letter or `_`, then letters, digits and `_`.
  private static func isName(_ text: String) -> Bool {
    guard let first = text.utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else { return false }
    return text.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
        UInt8(ascii: "_"):
        true
      default: false
      }
    }
  }
}
