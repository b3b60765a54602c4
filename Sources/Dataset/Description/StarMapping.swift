/// The mapping from a resource's columns to a star schema: one fact per date and region, with one column per metric.
package struct StarMapping: Sendable, Equatable {
  /// The interval between the dates of consecutive rows.
  package enum Period: String, Sendable, CaseIterable { case day, month, quarter, year }

  /// The fact table's name.
  package let fact: String
  /// Index of the date field.
  package let date: Int
  /// The interval between the dates of consecutive rows.
  package let period: Period
  /// The metrics; at least one, with distinct names.
  package let metrics: [Metric]
  /// The regions; at least one, with distinct names.
  package let regions: [Region]

  /// A measure of the fact table.
  package struct Metric: Sendable, Equatable {
    /// How its values aggregate.
    package enum Kind: String, Sendable, CaseIterable {
      /// Adds up over regions and over time (revenue).
      case flow
      /// Adds up over regions; over time the last value counts (members).
      case stock
      /// Does not add up (revenue per member).
      case ratio
    }

    /// Column name in the fact table.
    package let name: String
    /// Human-readable title; the name if the description has none.
    package let title: String
    /// How its values aggregate.
    package let kind: Kind
    /// The unit of its fields, which must agree; nil if not described.
    package let unit: String?
    /// Decimal places: 0 if all its fields are integers; nil if a number's decimal places are not described.
    package let decimals: Int?
  }

  /// A region of the fact table.
  package struct Region: Sendable, Equatable {
    /// The region's key in the fact table.
    package let name: String
    /// Human-readable title; the name if the description has none.
    package let title: String
    /// True for the region that is the total of all others.
    package let isTotal: Bool
    /// For each metric the index of its field, or nil if the source has no such column.
    package let fields: [Int?]
  }

  /// Index of the region that is the total of all others, if there is one.
  package var total: Int? { regions.firstIndex { $0.isTotal } }

  /// The index of the metric with this name, or nil.
  package func metric(named name: String) -> Int? { metrics.firstIndex { $0.name == name } }
}

extension StarMapping {
  /// Reads `star` of a resource.
  init(_ node: DescriptorNode, fields: [Field]) throws(DatasetError) {
    fact = try node.required("fact").name()
    let dateNode = try node.required("date")
    date = try Self.field(dateNode, fields)
    guard case .date = fields[date].type else { throw dateNode.invalid("\"\(fields[date].column)\" is not a date") }
    period = try node.required("period").choice(Period.self)
    let metricNodes = try node.required("metrics").elements()
    let regionNodes = try node.required("regions").elements()
    if metricNodes.isEmpty || regionNodes.isEmpty { throw node.invalid("needs at least one metric and one region") }
    var names: [String] = []
    for metric in metricNodes {
      let nameNode = try metric.required("name")
      let name = try nameNode.name()
      if names.contains(name) { throw nameNode.invalid("a second metric \"\(name)\"") }
      names.append(name)
    }
    regions = try Self.regions(regionNodes, metrics: names, fields: fields)
    var metrics: [Metric] = []
    for (index, metric) in metricNodes.enumerated() {
      let mapped = regions.compactMap { $0.fields[index] }.map { fields[$0] }
      if mapped.isEmpty { throw metric.invalid("no region has a column for \"\(names[index])\"") }
      let units = Set(mapped.compactMap(\.unit))
      if units.count > 1 { throw metric.invalid("its columns have several units: \(units.sorted().joined(separator: ", "))") }
      metrics.append(
        Metric(
          name: names[index], title: try metric.member("title")?.name() ?? names[index],
          kind: try metric.required("kind").choice(Metric.Kind.self),
          unit: units.first, decimals: Self.decimals(mapped)))
    }
    self.metrics = metrics
  }

  private static func regions(_ nodes: [DescriptorNode], metrics: [String], fields: [Field]) throws(DatasetError) -> [Region] {
    var regions: [Region] = []
    var used: Set<Int> = []
    for node in nodes {
      let name = try node.required("name").name()
      if regions.contains(where: { $0.name == name }) { throw node.invalid("a second region \"\(name)\"") }
      let isTotal = try node.member("total")?.boolean() ?? false
      if isTotal, regions.contains(where: \.isTotal) { throw node.invalid("a second region with \"total\"") }
      let columns = try node.required("columns")
      var mapped = [Int?](repeating: nil, count: metrics.count)
      for metric in try columns.names() {
        guard let index = metrics.firstIndex(of: metric), let column = try columns.member(metric) else {
          throw columns.invalid("there is no metric \"\(metric)\"", hint: "its metrics are \(metrics.joined(separator: ", "))")
        }
        let field = try Self.field(column, fields)
        switch fields[field].type {
        case .integer, .number: break
        default: throw column.invalid("\"\(fields[field].column)\" is not a number")
        }
        if !used.insert(field).inserted { throw column.invalid("\"\(fields[field].column)\" is mapped twice") }
        mapped[index] = field
      }
      regions.append(Region(name: name, title: try node.member("title")?.name() ?? name, isTotal: isTotal, fields: mapped))
    }
    return regions
  }

  private static func decimals(_ fields: [Field]) -> Int? {
    var most = 0
    for field in fields {
      if case .number = field.type {
        guard let places = field.decimals else { return nil }
        most = max(most, places)
      }
    }
    return most
  }

  /// The index of the field with the column name that `node` gives.
  static func field(_ node: DescriptorNode, _ fields: [Field]) throws(DatasetError) -> Int {
    let name = try node.string()
    guard let index = fields.firstIndex(where: { $0.column == name }) else {
      throw node.invalid("there is no column \"\(name)\"", hint: "the columns are \(fields.map(\.column).joined(separator: ", "))")
    }
    return index
  }
}
