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
      case "minLength": minLength = try Self.textual(value, field).count()
      case "maxLength": maxLength = try Self.textual(value, field).count()
      case "pattern":
        let source = try Self.textual(value, field).string()
        do throws(TextPattern.ParseError) {
          pattern = try TextPattern(source)
        } catch {
          throw value.invalid(error.message, advice: "the whole text must match it")
        }
      case "enum":
        let elements = try value.elements()
        if elements.isEmpty { throw value.invalid("lists no value") }
        var bounds: [Bound] = []
        for element in elements { bounds.append(try Self.value(element, of: field)) }
        allowed = bounds
      default:
        throw value.unsupported("this constraint is not supported", advice: "leave it out; docs/dataset.md lists those that are supported")
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
    case (.boolean(let flag), .boolean):
      return Bound(cell: Cell(.boolean, payload: flag ? 1 : 0), text: [], spelling: flag ? "true" : "false")
    default: throw node.invalid("is \(node.value.kind), and the field is of type \(field.type.name)")
    }
    let reader = CellParser(field: Field(header: field.header, column: field.column, type: type), isKey: false)
    let bytes = Array(spelling.utf8)
    var text: [UInt8] = []
    do throws(RejectReason) {
      let cell = try reader.value(bytes.span, 0..<bytes.count, into: &text)
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
        let reader = CellParser(field: Field(header: field.header, column: field.column, type: iso), isKey: false)
        if let cell = try? reader.value(bytes.span, 0..<bytes.count, into: &text) {
          return Bound(cell: cell, text: text, spelling: spelling)
        }
      }
      throw node.invalid(error.text)
    }
  }
}
