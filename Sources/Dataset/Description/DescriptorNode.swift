import Support

/// One value of the description with its path, for error messages.
struct DescriptorNode {
  let value: JSON
  let path: String
  let file: String

  func invalid(_ message: String, hint: String? = nil) -> DatasetError {
    DatasetError(.invalidDescription, message, file: file, path: path, hint: hint)
  }

  func unsupported(_ message: String, hint: String? = nil) -> DatasetError {
    DatasetError(.unsupportedDescription, message, file: file, path: path, hint: hint)
  }

  /// The member `name`, or nil if it is absent. A JSON null counts as absent.
  func member(_ name: String) throws(DatasetError) -> DescriptorNode? {
    guard case .object(let members) = value else { throw invalid("must be an object, not \(value.kind)") }
    guard let member = members.first(where: { $0.name == name }), member.value != .null else { return nil }
    return DescriptorNode(value: member.value, path: path.isEmpty ? name : "\(path).\(name)", file: file)
  }

  func required(_ name: String, hint: String? = nil) throws(DatasetError) -> DescriptorNode {
    guard let node = try member(name) else { throw invalid("has no \"\(name)\"", hint: hint) }
    return node
  }

  func names() throws(DatasetError) -> [String] {
    guard case .object(let members) = value else { throw invalid("must be an object, not \(value.kind)") }
    return members.map(\.name)
  }

  func elements() throws(DatasetError) -> [DescriptorNode] {
    guard case .array(let values) = value else { throw invalid("must be an array, not \(value.kind)") }
    return values.enumerated().map { DescriptorNode(value: $1, path: "\(path)[\($0)]", file: file) }
  }

  func string() throws(DatasetError) -> String {
    guard case .string(let text) = value else { throw invalid("must be a string, not \(value.kind)") }
    return text
  }

  func name() throws(DatasetError) -> String {
    let text = try string()
    if text.isEmpty { throw invalid("must not be empty") }
    return text
  }

  func boolean() throws(DatasetError) -> Bool {
    guard case .bool(let flag) = value else { throw invalid("must be true or false, not \(value.kind)") }
    return flag
  }

  func nonNegativeInteger() throws(DatasetError) -> Int {
    guard case .number(let text) = value, let number = Int(text), number >= 0 else { throw invalid("must be a whole number, 0 or more") }
    return number
  }

  func fixedDecimal() throws(DatasetError) -> FixedDecimal {
    guard case .number(let text) = value else { throw invalid("must be a number, not \(value.kind)") }
    let digits = Array(text.utf8)
    var long: [UInt8] = []
    guard let cell = try? DecimalParser.number(digits.span, 0..<digits.count, into: &long), cell.kind == .decimal else {
      throw invalid("must be a number of at most 18 digits")
    }
    return FixedDecimal(unscaled: cell.payload, scale: Int(cell.scale))
  }

  /// One of the raw values of `Choice`.
  func choice<Choice: RawRepresentable & CaseIterable>(_: Choice.Type) throws(DatasetError) -> Choice where Choice.RawValue == String {
    let text = try string()
    guard let choice = Choice(rawValue: text) else {
      throw invalid("\"\(text)\" is not one of \(Choice.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    return choice
  }

  /// Throws for members that change how data is read or what is valid, and that are not supported.
  func rejectMembers(_ names: String..., hint: String) throws(DatasetError) {
    for name in names {
      if let node = try member(name) { throw node.unsupported("this property is not supported", hint: hint) }
    }
  }
}
