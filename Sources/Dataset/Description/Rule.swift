/// A condition between rows or columns, which the constraints of one field cannot express.
package struct Rule: Sendable, Equatable {
  /// How a violation is reported.
  package enum Severity: String, Sendable, CaseIterable { case error, warning }

  /// The rule's name in the description; unique in its resource.
  package let name: String
  /// A human-readable title, if the description has one.
  package let title: String?
  /// How a violation is reported.
  package let severity: Severity
  /// The condition.
  package let check: Check

  /// The condition of a rule.
  package enum Check: Sendable, Equatable {
    /// No two rows have the same values in these fields.
    case unique(fields: [Int])
    /// Dates of this field follow each other at one period, without a gap.
    case gapFree(field: Int, period: StarMapping.Period)
    /// The regions of a metric add up to its total region.
    case sum(Sum)
    /// A metric is the quotient of two others, region by region.
    case ratio(Ratio)
    /// No value of these metrics occurs twice in the series of one region.
    case noRepeat(metrics: [Int])
  }

  /// The regions of a metric add up to its total region.
  package struct Sum: Sendable, Equatable {
    /// Index of the metric in the star mapping.
    package let metric: Int
    /// The largest allowed |total − sum of regions|, in the metric's unit.
    package let tolerance: FixedDecimal
    /// The part of the total that belongs to no region, if any.
    package let expectedResidual: ExpectedResidual?
  }

  /// A part of the total that belongs to no region: total − sum of regions is in `minimum...maximum` up to and including `until`.
  package struct ExpectedResidual: Sendable, Equatable {
    /// The name of this part in reports.
    package let title: String
    /// The least residual, in the metric's unit.
    package let minimum: FixedDecimal
    /// The greatest residual, in the metric's unit.
    package let maximum: FixedDecimal
    /// The last day, in days since 1970-01-01; nil if it has no end.
    package let until: Int64?
  }

  /// A metric is the quotient of two others, region by region.
  package struct Ratio: Sendable, Equatable {
    /// Index of the metric that must equal the quotient.
    package let metric: Int
    /// Index of the metric above the fraction line.
    package let numerator: Int
    /// Index of the metric below the fraction line.
    package let denominator: Int
    /// Which value of the denominator counts.
    package let denominatorBasis: Denominator
    /// The quotient is also divided by this number (3 months per quarter).
    package let divisor: FixedDecimal
    /// The largest allowed |metric ÷ quotient − 1|: 0.001 is 0.1 %.
    package let relativeTolerance: FixedDecimal
  }

  /// Which value of the denominator counts.
  package enum Denominator: String, Sendable, CaseIterable {
    /// The row's own value.
    case closing
    /// The mean of the previous row's value and the row's own.
    case mean
  }
}

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

extension Rule {
  /// The index of the metric that `node` names.
  static func metric(_ node: DescriptorNode, _ star: StarMapping) throws(DatasetError) -> Int {
    let name = try node.string()
    guard let index = star.metric(named: name) else {
      throw node.invalid("there is no metric \"\(name)\"", hint: "its metrics are \(star.metrics.map(\.name).joined(separator: ", "))")
    }
    return index
  }

  /// A tolerance: a number, 0 or more.
  static func tolerance(_ node: DescriptorNode?) throws(DatasetError) -> FixedDecimal? {
    guard let node else { return nil }
    let amount = try node.fixedDecimal()
    if amount.unscaled < 0 { throw node.invalid("must be 0 or more") }
    return amount
  }
}

extension Rule.Sum {
  init(_ node: DescriptorNode, _ star: StarMapping) throws(DatasetError) {
    let metricNode = try node.required("metric")
    metric = try Rule.metric(metricNode, star)
    guard let total = star.total, star.regions[total].fields[metric] != nil else {
      throw metricNode.invalid("no region with \"total\": true has a column for it")
    }
    tolerance = try Rule.tolerance(node.member("tolerance")) ?? FixedDecimal(unscaled: 0)
    expectedResidual = if let residualNode = try node.member("rest") { try Rule.ExpectedResidual(residualNode) } else { nil }
  }
}

extension Rule.ExpectedResidual {
  init(_ node: DescriptorNode) throws(DatasetError) {
    title = try node.required("title").name()
    minimum = try node.member("minimum")?.fixedDecimal() ?? FixedDecimal(unscaled: 0)
    maximum = try node.required("maximum").fixedDecimal()
    if minimum.double > maximum.double { throw node.invalid("\"minimum\" is more than \"maximum\"") }
    guard let untilNode = try node.member("until") else {
      until = nil
      return
    }
    let text = Array(try untilNode.string().utf8)
    guard let days = ISOTime.date(text.span, 0..<text.count) else { throw untilNode.invalid("must be a date, as 2023-09-30") }
    until = days
  }
}

extension Rule.Ratio {
  init(_ node: DescriptorNode, _ star: StarMapping) throws(DatasetError) {
    metric = try Rule.metric(node.required("metric"), star)
    numerator = try Rule.metric(node.required("numerator"), star)
    denominator = try Rule.metric(node.required("denominator"), star)
    denominatorBasis = try node.member("of")?.choice(Rule.Denominator.self) ?? .closing
    divisor = try node.member("divisor")?.fixedDecimal() ?? FixedDecimal(unscaled: 1)
    if divisor.unscaled == 0 { throw node.invalid("\"divisor\" is 0") }
    relativeTolerance = try Rule.tolerance(node.member("relativeTolerance")) ?? FixedDecimal(unscaled: 0)
  }
}
