import Dataset

/// The SQL of a dataset's star schema as text: tables, views, unpivot and refresh. Pure functions: nothing here connects to a server.
///
///     dim_date (date_id = yyyymmdd, date, year, quarter, month, label, first_day, last_day)
///     dim_region (region_id, region, title, is_total)
///     <fact> (date_id, region_id, one column per metric)
///     etl_source: where the rows came from
///     v_wide: all of it joined; v_<metric>: one row per date, one column per region
struct StarSQL {
  let engine: SQLDialect
  let resource: Resource
  let star: StarMapping
  /// Quotes a name of the description; in Postgres with libpq.
  let name: (String) throws -> String
  /// Quotes a text of the description.
  let literal: (String) throws -> String

  init(
    engine: SQLDialect, resource: Resource, name: @escaping (String) throws -> String, literal: @escaping (String) throws -> String
  ) throws {
    self.engine = engine
    self.resource = resource
    star = try resource.requireStar()
    self.name = name
    self.literal = literal
    if engine == .sqlite { try checkDecimals() }
    try checkNames()
  }

  var fact: String { get throws { try name(star.fact) } }

  /// The fields that the star uses: the date, then those of each metric and region, in the description's order.
  var usedFields: [Int] {
    let mapped = Set(star.regions.flatMap { $0.fields.compactMap { $0 } })
    return [star.date] + resource.fields.indices.filter { mapped.contains($0) && $0 != star.date }
  }

  /// The metric that a field belongs to.
  func metric(ofField field: Int) -> Int? {
    for region in star.regions { if let metric = region.fields.firstIndex(of: field) { return metric } }
    return nil
  }

  /// A metric's column in the fact table. SQLite has no decimals, so its columns store integers of the smallest unit, which is part of the name.
  func factColumn(_ metric: StarMapping.Metric) throws -> String {
    try name(engine == .postgres ? metric.name : metric.name + Self.suffix(decimals: metric.decimals ?? 0))
  }

  static func suffix(decimals: Int) -> String {
    switch decimals {
    case 0: ""
    case 1: "_tenths"
    case 2: "_cents"
    case 3: "_thousandths"
    default: "_e\(decimals)"
    }
  }

  /// True if all the metric's fields are integers.
  func isInteger(_ metric: Int) -> Bool {
    star.regions.allSatisfy { region in
      guard let field = region.fields[metric] else { return true }
      if case .integer = resource.fields[field].type { return true }
      return false
    }
  }

  func viewName(_ metric: StarMapping.Metric) -> String { "v_" + metric.name }

  private func checkDecimals() throws {
    for metric in star.metrics where metric.decimals == nil {
      throw WarehouseError(
        .layout, "the description does not define the decimal places of \"\(metric.name)\", and SQLite has no decimal type",
        advice: "set \"decimals\" for the fields of \"\(metric.name)\"")
    }
  }
}
