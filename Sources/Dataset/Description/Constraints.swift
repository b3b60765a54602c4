/// A field's constraints beyond its type. The producer and the consumer check all of them except `unique`, which needs the whole file.
package struct Constraints: Sendable, Equatable {
  /// True if the value must not be null.
  package var required = false
  /// True if no two rows may have the same value.
  package var unique = false
  /// The least allowed value.
  package var minimum: Bound?
  /// The greatest allowed value.
  package var maximum: Bound?
  /// Values must be greater than this one.
  package var exclusiveMinimum: Bound?
  /// Values must be less than this one.
  package var exclusiveMaximum: Bound?
  /// The least length, in characters (Unicode scalars).
  package var minLength: Int?
  /// The greatest length, in characters (Unicode scalars).
  package var maxLength: Int?
  /// A regular expression that the whole text must match.
  package var pattern: TextPattern?
  /// `enum` of Table Schema: the allowed values.
  package var enumValues: [Bound]?

  /// No constraints.
  package init() {}

  /// True if a value that is not null can violate a constraint.
  var hasConstraints: Bool {
    minimum != nil || maximum != nil || exclusiveMinimum != nil || exclusiveMaximum != nil || minLength != nil || maxLength != nil
      || pattern != nil || enumValues != nil
  }

  /// A typed value of a constraint, with its spelling for messages.
  package struct Bound: Sendable, Equatable {
    /// The value.
    package let cell: Cell
    /// The bytes that `cell` points into.
    package let text: [UInt8]
    /// The value as the description spells it.
    package let spelling: String
  }
}

extension Constraints {
  /// Reads `constraints` of a field. A constraint that its type does not support is an error: otherwise users would assume that it is enforced.
  init(_ node: DescriptorNode, of field: Field) throws(DatasetError) {
    self.init()
    for name in try node.names() {
      guard let value = try node.member(name) else { continue }
      switch name {
      case "required": required = try value.boolean()
      case "unique": unique = try value.boolean()
      case "minimum": minimum = try Self.bound(value, of: field)
      case "maximum": maximum = try Self.bound(value, of: field)
      case "exclusiveMinimum": exclusiveMinimum = try Self.bound(value, of: field)
      case "exclusiveMaximum": exclusiveMaximum = try Self.bound(value, of: field)
      case "minLength": minLength = try Self.textual(value, field).nonNegativeInteger()
      case "maxLength": maxLength = try Self.textual(value, field).nonNegativeInteger()
      case "pattern":
        let source = try Self.textual(value, field).string()
        do throws(TextPattern.ParseError) {
          pattern = try TextPattern(source)
        } catch {
          throw value.invalid(error.message, hint: "the whole text must match it")
        }
      case "enum":
        let elements = try value.elements()
        if elements.isEmpty { throw value.invalid("lists no value") }
        var bounds: [Bound] = []
        for element in elements { bounds.append(try Self.value(element, of: field)) }
        enumValues = bounds
      default:
        throw value.unsupported("this constraint is not supported", hint: "leave it out; docs/dataset.md lists those that are supported")
      }
    }
  }

  private static func textual(_ node: DescriptorNode, _ field: Field) throws(DatasetError) -> DescriptorNode {
    guard field.type == .string else {
      throw node.unsupported("only a string can have this constraint, not a field of type \(field.type.name)")
    }
    return node
  }

  private static func bound(_ node: DescriptorNode, of field: Field) throws(DatasetError) -> Bound {
    switch field.type {
    case .string, .boolean: throw node.unsupported("a field of type \(field.type.name) has no least or greatest value")
    default: return try value(node, of: field)
    }
  }

  /// A value of the field's type: a JSON value of that type, or a string in the CSV's spelling.
  private static func value(_ node: DescriptorNode, of field: Field) throws(DatasetError) -> Bound {
    let spelling: String
    var type = field.type
    switch (node.value, field.type) {
    case (.string(let text), _): spelling = text
    case (.number(let text), .integer):
      spelling = text
      type = .integer(NumberFormat())
    case (.number(let text), .number):
      spelling = text
      type = .number(NumberFormat())
    case (.number(let text), .year): spelling = text
    case (.bool(let flag), .boolean):
      return Bound(cell: Cell(.boolean, payload: flag ? 1 : 0), text: [], spelling: flag ? "true" : "false")
    default: throw node.invalid("is \(node.value.kind), and the field is of type \(field.type.name)")
    }
    let parser = CellParser(field: Field(header: field.header, column: field.column, type: type), isKey: false)
    let bytes = Array(spelling.utf8)
    var text: [UInt8] = []
    do throws(RejectReason) {
      let cell = try parser.parseValue(bytes.span, 0..<bytes.count, into: &text)
      return Bound(cell: cell, text: text, spelling: spelling)
    } catch {
      // A date may also be given as ISO 8601, regardless of the CSV's format.
      let iso: FieldType? =
        switch field.type {
        case .date: .date(.iso)
        case .datetime: .datetime(.iso)
        case .time: .time(.iso)
        default: nil
        }
      if let iso {
        let parser = CellParser(field: Field(header: field.header, column: field.column, type: iso), isKey: false)
        if let cell = try? parser.parseValue(bytes.span, 0..<bytes.count, into: &text) {
          return Bound(cell: cell, text: text, spelling: spelling)
        }
      }
      throw node.invalid(error.text)
    }
  }
}

/// A `pattern` constraint: a regular expression that the whole text must match.
///
/// Only the source is stored, since it is Sendable; each reader compiles it. Characters are Unicode scalars, as in XML Schema.
package struct TextPattern: Sendable, Equatable {
  /// The regular expression as the description spells it.
  package let source: String

  /// Throws if the expression is invalid, or uses a feature of XML Schema that Swift's Regex does not have.
  init(_ source: String) throws(ParseError) {
    self.source = source
    var escaped = false
    var previous: Character?
    for character in source {
      if escaped, "iIcC".contains(character) { throw ParseError(message: "\\\(character) is not supported") }
      if !escaped, character == "[", previous == "-" { throw ParseError(message: "subtracting a class of characters is not supported") }
      escaped = !escaped && character == "\\"
      previous = character
    }
    if source.contains("\\p{Is") || source.contains("\\P{Is") { throw ParseError(message: "blocks such as \\p{IsLatin} are not supported") }
    _ = try compiled()
  }

  struct ParseError: Error { let message: String }

  func compiled() throws(ParseError) -> Regex<AnyRegexOutput> {
    do {
      return try Regex(source).matchingSemantics(.unicodeScalar)
    } catch {
      throw ParseError(message: "not a regular expression: \(error)")
    }
  }
}
