extension Field {
  /// Reads one field descriptor.
  /// - Parameter missingValues: the schema's, used if the field does not declare any.
  init(_ node: DescriptorNode, missingValues: [String]) throws(DatasetError) {
    let nameNode = try node.required("name")
    let header = Self.trimmed(try nameNode.string())
    if header.isEmpty { throw nameNode.invalid("must not be empty") }
    try node.refuse("categories", "categoriesOrdered", advice: "list the values as constraints.enum")
    let type = try FieldType(node)
    let columnNode = try node.member("column")
    let column = try columnNode?.name() ?? Self.columnName(from: header)
    if !Self.isUsable(column: column) {
      throw (columnNode ?? node).invalid(
        "\"\(header)\" has the column name \"\(column)\", which has no letter or digit", advice: "set a \"column\" of letters and digits")
    }
    // Postgres truncates longer identifiers, so two columns could get the same name.
    if column.utf8.count > 63 {
      throw (columnNode ?? node).invalid("the column name \"\(column)\" is longer than 63 bytes", advice: "set a shorter \"column\"")
    }
    var decimals: Int?
    if let decimalsNode = try node.member("decimals") {
      guard case .number = type else { throw decimalsNode.invalid("only a number has decimals, not a field of type \(type.name)") }
      let places = try decimalsNode.count()
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
