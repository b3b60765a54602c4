extension Rule {
  /// The index of the metric that `node` names.
  static func metric(_ node: DescriptorNode, _ star: StarMapping) throws(DatasetError) -> Int {
    let name = try node.string()
    guard let index = star.metric(named: name) else {
      throw node.invalid("there is no metric \"\(name)\"", advice: "its metrics are \(star.metrics.map(\.name).joined(separator: ", "))")
    }
    return index
  }

  /// A tolerance: a number, 0 or more.
  static func tolerance(_ node: DescriptorNode?) throws(DatasetError) -> FixedDecimal? {
    guard let node else { return nil }
    let amount = try node.amount()
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
    expectedResidual = if let restNode = try node.member("rest") { try Rule.ExpectedResidual(restNode) } else { nil }
  }
}

extension Rule.ExpectedResidual {
  init(_ node: DescriptorNode) throws(DatasetError) {
    title = try node.required("title").name()
    minimum = try node.member("minimum")?.amount() ?? FixedDecimal(unscaled: 0)
    maximum = try node.required("maximum").amount()
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
    of = try node.member("of")?.choice(Rule.Denominator.self) ?? .closing
    divisor = try node.member("divisor")?.amount() ?? FixedDecimal(unscaled: 1)
    if divisor.unscaled == 0 { throw node.invalid("\"divisor\" is 0") }
    relativeTolerance = try Rule.tolerance(node.member("relativeTolerance")) ?? FixedDecimal(unscaled: 0)
  }
}
