/// One described column.
package struct Field: Sendable, Equatable {
  /// The column's header in the CSV: trimmed at its ends, inner blanks unchanged.
  package let header: String
  /// The column's name in JSON and SQL.
  package let column: String
  /// A human-readable title, if the description has one.
  package let title: String?
  /// The type and format of the cells.
  package let type: FieldType
  /// The constraints on the values.
  package let constraints: Constraints
  /// Cells that mean "no value".
  package let missingValues: [String]
  /// The unit of the numbers, such as `USD`; shown, not interpreted.
  package let unit: String?
  /// Decimal places of a number column, if described.
  package let decimals: Int?

  /// Creates a field; the parameters are the properties above.
  package init(
    header: String, column: String, title: String? = nil, type: FieldType, constraints: Constraints = Constraints(),
    missingValues: [String] = [""], unit: String? = nil, decimals: Int? = nil
  ) {
    self.header = header
    self.column = column
    self.title = title
    self.type = type
    self.constraints = constraints
    self.missingValues = missingValues
    self.unit = unit
    self.decimals = decimals
  }

  /// True if the field's constraint requires a value. (A key's columns are required by their resource.)
  package var isRequired: Bool { constraints.required }

  /// True if a column's name has a character other than `_`: any header in another script would give `_`.
  static func isUsable(column: String) -> Bool { column.contains { $0 != "_" } }

  /// The column name derived from a header if the description does not set one: lower case, each run of other characters replaced by `_`.
  package static func columnName(from header: String) -> String {
    var name = ""
    var folded = false
    for scalar in header.unicodeScalars {
      switch scalar {
      case "a"..."z", "0"..."9":
        name.unicodeScalars.append(scalar)
        folded = false
      case "A"..."Z":
        name += Character(scalar).lowercased()
        folded = false
      default:
        if !folded { name += "_" }
        folded = true
      }
    }
    return name
  }
}

extension Field {
  /// Reads one field descriptor.
  /// - Parameter missingValues: the schema's, used if the field does not declare any.
  init(_ node: DescriptorNode, missingValues: [String]) throws(DatasetError) {
    let nameNode = try node.required("name")
    let header = Self.trimmed(try nameNode.string())
    if header.isEmpty { throw nameNode.invalid("must not be empty") }
    try node.rejectMembers("categories", "categoriesOrdered", hint: "list the values as constraints.enum")
    let type = try FieldType(node)
    let columnNode = try node.member("column")
    let column = try columnNode?.name() ?? Self.columnName(from: header)
    if !Self.isUsable(column: column) {
      throw (columnNode ?? node).invalid(
        "\"\(header)\" has the column name \"\(column)\", which has no letter or digit", hint: "set a \"column\" of letters and digits")
    }
    // Postgres truncates longer identifiers, so two columns could get the same name.
    if column.utf8.count > 63 {
      throw (columnNode ?? node).invalid("the column name \"\(column)\" is longer than 63 bytes", hint: "set a shorter \"column\"")
    }
    var decimals: Int?
    if let decimalsNode = try node.member("decimals") {
      guard case .number = type else { throw decimalsNode.invalid("only a number has decimals, not a field of type \(type.name)") }
      let places = try decimalsNode.nonNegativeInteger()
      guard places <= 18 else { throw decimalsNode.invalid("must be at most 18") }
      decimals = places
    }
    let missing: [String] = if let own = try node.member("missingValues") { try Self.missingValues(own) } else { missingValues }
    let bare = Field(header: header, column: column, type: type, missingValues: missing)
    var constraints = Constraints()
    if let constraintsNode = try node.member("constraints") { constraints = try Constraints(constraintsNode, of: bare) }
    self.init(
      header: header, column: column, title: try node.member("title")?.string(), type: type, constraints: constraints,
      missingValues: missing, unit: try node.member("unit")?.name(), decimals: decimals)
  }

  /// An array of strings, or of version 2's objects with `value` and `label`.
  static func missingValues(_ node: DescriptorNode) throws(DatasetError) -> [String] {
    var values: [String] = []
    for element in try node.elements() {
      if case .object = element.value {
        values.append(try element.required("value").string())
      } else {
        values.append(try element.string())
      }
    }
    return values
  }

  /// `name` without blanks at its ends.
  static func trimmed(_ name: String) -> String {
    func isBlank(_ character: Character) -> Bool { character == " " || character == "\t" || character == "\u{A0}" || character.isNewline }
    guard let first = name.firstIndex(where: { !isBlank($0) }), let last = name.lastIndex(where: { !isBlank($0) }) else { return "" }
    return String(name[first...last])
  }
}

/// The supported types of Table Schema, each with the format of its cells.
package enum FieldType: Sendable, Equatable {
  case string
  case integer(NumberFormat)
  case number(NumberFormat)
  case boolean(BooleanFormat)
  case date(TemporalFormat)
  case datetime(TemporalFormat)
  case time(TemporalFormat)
  case year

  /// The type's name in Table Schema.
  package var name: String {
    switch self {
    case .string: "string"
    case .integer: "integer"
    case .number: "number"
    case .boolean: "boolean"
    case .date: "date"
    case .datetime: "datetime"
    case .time: "time"
    case .year: "year"
    }
  }
}

extension FieldType {
  /// Reads `type`, `format` and their related properties. The default type is string.
  init(_ node: DescriptorNode) throws(DatasetError) {
    let typeNode = try node.member("type")
    let type = try typeNode?.string() ?? "string"
    let formatNode = try node.member("format")
    let format = try formatNode?.string() ?? "default"
    switch type {
    case "string", "integer", "number", "boolean", "year":
      if let formatNode, format != "default" {
        let hint = type == "string" ? "leave it out; constraints.pattern can hold the text's form" : "leave it out"
        throw formatNode.unsupported("\"\(format)\" of type \(type)", hint: hint)
      }
    default: break
    }
    switch type {
    case "string": self = .string
    case "year": self = .year
    case "integer": self = .integer(try NumberFormat(node))
    case "number": self = .number(try NumberFormat(node))
    case "boolean": self = .boolean(try BooleanFormat(node))
    case "date", "datetime", "time":
      let temporal = try TemporalFormat(format, type: type, formatNode ?? node)
      self = type == "date" ? .date(temporal) : type == "time" ? .time(temporal) : .datetime(temporal)
    default:
      throw (typeNode ?? node).unsupported(
        "the type \"\(type)\"", hint: "string, integer, number, boolean, date, datetime, time or year")
    }
  }
}

extension NumberFormat {
  fileprivate init(_ node: DescriptorNode) throws(DatasetError) {
    self.init()
    if let decimal = try node.member("decimalChar") { decimalChar = try Self.separator(decimal) }
    if let group = try node.member("groupChar"), group.value != .string("") { groupChar = try Self.separator(group) }
    if let bare = try node.member("bareNumber") { bareNumber = try bare.boolean() }
    if groupChar == decimalChar { throw node.invalid("decimalChar and groupChar are the same") }
  }

  private static func separator(_ node: DescriptorNode) throws(DatasetError) -> String {
    let text = try node.string()
    guard text.unicodeScalars.count == 1, !text.contains(where: { $0.isNumber || "+-eE".contains($0) }) else {
      throw node.invalid("\"\(text)\" must be one character that does not occur in a number itself")
    }
    return text
  }
}

extension BooleanFormat {
  fileprivate init(_ node: DescriptorNode) throws(DatasetError) {
    self.init()
    if let words = try node.member("trueValues") { trueValues = try Self.words(words) }
    if let words = try node.member("falseValues") { falseValues = try Self.words(words) }
    if let both = trueValues.first(where: falseValues.contains) { throw node.invalid("\"\(both)\" means both true and false") }
  }

  private static func words(_ node: DescriptorNode) throws(DatasetError) -> [String] {
    var words: [String] = []
    for element in try node.elements() { words.append(try element.name()) }
    return words
  }
}

extension TemporalFormat {
  fileprivate init(_ format: String, type: String, _ node: DescriptorNode) throws(DatasetError) {
    if format == "default" {
      self = .iso
      return
    }
    if format == "any" { throw node.unsupported("\"any\": a guessed date may be another day", hint: "write the pattern, as %d-%m-%Y") }
    // Older descriptions have fmt:%d-%m-%Y.
    let source = format.hasPrefix("fmt:") ? String(format.dropFirst(4)) : format
    let pattern: TimePattern
    do throws(TimePattern.ParseError) {
      pattern = try TimePattern(source)
    } catch {
      throw node.unsupported("\"\(format)\": \(error.message)", hint: "%Y %y %m %b %B %d %H %I %p %M %S %f %z %a %A are")
    }
    let needsDate = type != "time"
    let needsTime = type != "date"
    if needsDate && !pattern.givesDate { throw node.invalid("\"\(format)\" gives no year, month and day") }
    if needsTime && !pattern.givesTime { throw node.invalid("\"\(format)\" gives no hour (%H, or %I with %p)") }
    if !needsDate && pattern.hasDateParts { throw node.invalid("\"\(format)\" has parts of a date, and the type is time") }
    if !needsTime && pattern.hasTimeParts { throw node.invalid("\"\(format)\" has parts of a time, and the type is date") }
    if type == "time" && pattern.has("z") { throw node.unsupported("%z in a time of day", hint: "use datetime") }
    self = .pattern(pattern)
  }
}

/// The words of a column that mean true and false.
package struct BooleanFormat: Sendable, Equatable {
  /// Cells that mean true.
  package var trueValues = ["true", "True", "TRUE", "1"]
  /// Cells that mean false.
  package var falseValues = ["false", "False", "FALSE", "0"]

  /// Table Schema's default words.
  package init() {}

  /// The words of a column that declares its own; the two lists must not overlap.
  package init(trueValues: [String], falseValues: [String]) {
    self.trueValues = trueValues
    self.falseValues = falseValues
  }
}

/// The number format of a column.
package struct NumberFormat: Sendable, Equatable {
  /// The character between the whole part and the fraction.
  package var decimalChar = "."
  /// The character between groups of digits; nil if there are no groups.
  package var groupChar: String?
  /// False if a unit may precede or follow the number (`$ 12`, `95%`); the unit is then skipped.
  package var bareNumber = true

  /// Creates a format; the defaults are Table Schema's.
  package init(decimalChar: String = ".", groupChar: String? = nil, bareNumber: Bool = true) {
    self.decimalChar = decimalChar
    self.groupChar = groupChar
    self.bareNumber = bareNumber
  }

  /// True for the number format of JSON and SQL, which the fast paths read.
  var isPlain: Bool { decimalChar == "." && groupChar == nil && bareNumber }
}

/// The date and time format of a column.
package enum TemporalFormat: Sendable, Equatable {
  /// ISO 8601: `2019-03-31`, `2019-03-31T12:00:00Z` (no zone means UTC), `12:00:00`.
  case iso
  /// A pattern of strptime directives, such as `%d-%m-%Y`.
  case pattern(TimePattern)
}
