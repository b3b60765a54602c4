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
        let advice = type == "string" ? "leave it out; constraints.pattern can hold the text's form" : "leave it out"
        throw formatNode.unsupported("\"\(format)\" of type \(type)", advice: advice)
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
        "the type \"\(type)\"", advice: "string, integer, number, boolean, date, datetime, time or year")
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
    if format == "any" { throw node.unsupported("\"any\": a guessed date may be another day", advice: "write the pattern, as %d-%m-%Y") }
    // Older descriptions have fmt:%d-%m-%Y.
    let source = format.hasPrefix("fmt:") ? String(format.dropFirst(4)) : format
    let pattern: TimePattern
    do throws(TimePattern.ParseError) {
      pattern = try TimePattern(source)
    } catch {
      throw node.unsupported("\"\(format)\": \(error.message)", advice: "%Y %y %m %b %B %d %H %I %p %M %S %f %z %a %A are")
    }
    let needsDate = type != "time"
    let needsTime = type != "date"
    if needsDate && !pattern.givesDate { throw node.invalid("\"\(format)\" gives no year, month and day") }
    if needsTime && !pattern.givesTime { throw node.invalid("\"\(format)\" gives no hour (%H, or %I with %p)") }
    if !needsDate && pattern.hasDateParts { throw node.invalid("\"\(format)\" has parts of a date, and the type is time") }
    if !needsTime && pattern.hasTimeParts { throw node.invalid("\"\(format)\" has parts of a time, and the type is date") }
    if type == "time" && pattern.has("z") { throw node.unsupported("%z in a time of day", advice: "use datetime") }
    self = .pattern(pattern)
  }
}
