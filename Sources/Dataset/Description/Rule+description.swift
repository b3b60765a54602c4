extension Rule {
  /// Reads `rules` of a resource.
  static func read(_ node: DescriptorNode?, fields: [Field], primaryKey: [Int], star: StarMapping?) throws(DatasetError) -> [Rule] {
    guard let node else { return [] }
    var rules: [Rule] = []
    for element in try node.elements() {
      let nameNode = try element.required("name")
      let name = try nameNode.name()
      if rules.contains(where: { $0.name == name }) { throw nameNode.invalid("a second rule \"\(name)\"") }
      rules.append(
        Rule(
          name: name, title: try element.member("title")?.name(),
          severity: try element.member("severity")?.choice(Severity.self) ?? .error,
          check: try Check(element, fields: fields, primaryKey: primaryKey, star: star)))
    }
    return rules
  }
}

extension Rule.Check {
  /// The values of `type`.
  private enum Kind: String, CaseIterable {
    case unique
    case gapFree = "gap-free"
    case sum
    case ratio
    case noRepeat = "no-repeat"
  }

  fileprivate init(_ node: DescriptorNode, fields: [Field], primaryKey: [Int], star: StarMapping?) throws(DatasetError) {
    switch try node.required("type").choice(Kind.self) {
    case .unique:
      var columns = primaryKey
      if let list = try node.member("columns") {
        columns = []
        for column in try list.elements() { columns.append(try StarMapping.field(column, fields)) }
      }
      if columns.isEmpty { throw node.invalid("needs \"columns\", since there is no primaryKey") }
      self = .unique(fields: columns)
    case .gapFree:
      let column = try node.member("column")
      let period = try node.member("period")?.choice(StarMapping.Period.self)
      let field: Int? = if let column { try StarMapping.field(column, fields) } else { star?.date }
      guard let field, let period = period ?? star?.period else {
        throw node.invalid("needs \"column\" and \"period\", since there is no \"star\"")
      }
      guard case .date = fields[field].type else { throw (column ?? node).invalid("\"\(fields[field].column)\" is not a date") }
      self = .gapFree(field: field, period: period)
    case .sum: self = .sum(try Rule.Sum(node, Self.star(node, star)))
    case .ratio: self = .ratio(try Rule.Ratio(node, Self.star(node, star)))
    case .noRepeat:
      var metrics: [Int] = []
      let star = try Self.star(node, star)
      for name in try node.required("metrics").elements() { metrics.append(try Rule.metric(name, star)) }
      self = .noRepeat(metrics: metrics)
    }
  }

  private static func star(_ node: DescriptorNode, _ star: StarMapping?) throws(DatasetError) -> StarMapping {
    guard let star else { throw node.invalid("needs the resource's \"star\", which defines the metrics and regions") }
    return star
  }
}
