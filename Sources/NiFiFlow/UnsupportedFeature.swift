import Dataset

/// What NiFi's CSVReader cannot do as the description asks, by field and property.
struct UnsupportedFeature {
  let file: String

  func of(_ field: Field, _ property: String, _ reason: String) -> DatasetError {
    DatasetError(
      .unsupportedDescription, "field \"\(field.header)\", property \"\(property)\": \(reason)", file: file,
      advice: "publish this CSV by netflix-producer")
  }

  private func of(_ property: String, _ reason: String) -> DatasetError {
    DatasetError(
      .unsupportedDescription, "property \"\(property)\": \(reason)", file: file, advice: "publish this CSV by netflix-producer")
  }

  func check(_ dialect: Dialect) throws(DatasetError) {
    if !dialect.hasHeader { throw of("dialect.header", "NiFi's flow finds its columns by the header line") }
    if dialect.comment != nil { throw of("dialect.commentChar", "NiFi's flow knows no comment lines") }
    if dialect.quote == nil { throw of("dialect.quoteChar", "NiFi's CSVReader cannot read without a quote character") }
    if dialect.skipInitialSpace { throw of("dialect.skipInitialSpace", "NiFi's CSVReader does not know it") }
    if dialect.headerCase == .ignored { throw of("dialect.caseSensitiveHeader", "NiFi's CSVReader tells the case of headers apart") }
    if dialect.headerMatch != .subset { throw of("schema.fieldsMatch", "NiFi's CSVReader passes over columns that are not described") }
  }

  func check(_ field: Field) throws(DatasetError) {
    if !Self.isName(field.column) { throw of(field, "column", "\"\(field.column)\" is no name in an Avro schema") }
    if field.header.contains("${") { throw of(field, "name", "NiFi would take ${ for one of its expressions") }
    if field.missingValues != [""] {
      throw of(field, "missingValues", "NiFi's CSVReader takes the empty cell for a missing value, it and no other")
    }
    if let pattern = field.constraints.pattern {
      throw of(field, "constraints.pattern", "NiFi's flow has no check of \"\(pattern.source)\"")
    }
    switch field.type {
    case .integer(let format), .number(let format): try check(field, format)
    case .boolean(let format):
      if !format.trueValues.allSatisfy({ $0.lowercased() == "true" }) { throw of(field, "trueValues", "NiFi reads «true» alone as true") }
      if !format.falseValues.allSatisfy({ $0.lowercased() == "false" }) {
        throw of(field, "falseValues", "NiFi reads «false» alone as false")
      }
    case .datetime, .time: throw of(field, "type", "NiFi would write a \(field.type.name) otherwise than netflix-producer")
    case .string, .date, .year: break
    }
  }

  private func check(_ field: Field, _ format: NumberFormat) throws(DatasetError) {
    if format.decimalChar != "." { throw of(field, "decimalChar", "NiFi's CSVReader reads a point and no other sign") }
    if format.groupChar != nil { throw of(field, "groupChar", "NiFi's CSVReader reads no groups of digits") }
    if !format.bareNumber { throw of(field, "bareNumber", "NiFi's CSVReader reads nothing around a number") }
  }

  /// The date format of a date field in Java's letters; nil for other fields.
  func datePattern(of field: Field) throws(DatasetError) -> String? {
    guard case .date(let format) = field.type else { return nil }
    guard let java = JavaDatePattern.pattern(for: format) else {
      throw of(field, "format", "NiFi reads dates of %Y, %m and %d with signs between them")
    }
    return java
  }

  func check(key resource: Resource) throws(DatasetError) {
    if resource.primaryKey.count > 1 {
      let columns = resource.primaryKey.map { "\"\(resource.fields[$0].header)\"" }.joined(separator: ", ")
      throw of("schema.primaryKey", "NiFi makes a message's key of one column, and this key has \(columns)")
    }
    if let key = resource.primaryKey.first, case .number = resource.fields[key].type {
      throw of(resource.fields[key], "type", "NiFi writes a decimal in a key otherwise than netflix-producer")
    }
  }

  /// A name in Avro: a letter or `_`, then letters, digits and `_`.
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
