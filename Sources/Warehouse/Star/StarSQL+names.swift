import Dataset

extension StarSQL {
  /// Throws `.layout` for names of the description that two columns, or two tables or views, would share, and for names that Postgres would truncate. It
  /// does so in both engines, so that a warehouse can move from one to the other.
  func checkNames() throws {
    try checkLength(star.fact, "the fact table's name \"\(star.fact)\"")
    for metric in star.metrics { try checkLength(viewName(metric), "metric \"\(metric.name)\": its view's name \(viewName(metric))") }
    for region in star.regions { try checkLength(region.name, "the region's name \"\(region.name)\"") }
    var objects = NameList(["dim_date", "dim_region", "etl_source", "v_wide"], engine)
    try objects.add(star.fact, "the fact table \"\(star.fact)\" has the name of a table or view of the warehouse")
    for metric in star.metrics {
      try objects.add(
        viewName(metric), "metric \"\(metric.name)\": its view would be \(viewName(metric)), and another table or view has that name")
    }
    let date = ["date", "label", "year", "quarter", "month"]
    var wide = NameList(date + ["first_day", "last_day", "region", "region_title", "is_total"], engine)
    var fact = NameList(["date_id", "region_id"], engine)
    for (index, metric) in star.metrics.enumerated() {
      let text = "metric \"\(metric.name)\" has the name of another column of v_wide or \(star.fact)"
      try wide.add(metric.name, text)
      // In SQLite v_wide has both the integer units and the decimal.
      let column = engine == .sqlite ? metric.name + Self.suffix(decimals: metric.decimals ?? 0) : metric.name
      for name in Set([metric.name, column]) { try fact.add(name, text) }
      if column != metric.name { try wide.add(column, text) }
      var regions = NameList(date, engine)
      for region in star.regions where region.fields[index] != nil {
        try regions.add(region.name, "region \"\(region.name)\" has the name of another column of \(viewName(metric))")
      }
    }
  }
}

private func checkLength(_ name: String, _ what: String) throws(WarehouseError) {
  guard name.utf8.count > 63 else { return }
  throw WarehouseError(
    .layout, "\(what) is longer than 63 bytes", advice: "shorten it in the description's \"star\"; its \"title\" may stay")
}

/// Names that must be distinct. SQLite does not distinguish Total and total.
private struct NameList {
  private var names: Set<String>
  private let engine: SQLDialect

  init(_ names: [String], _ engine: SQLDialect) {
    self.names = Set(names)
    self.engine = engine
  }

  mutating func add(_ name: String, _ message: String) throws {
    guard names.insert(engine == .sqlite ? name.lowercased() : name).inserted else {
      throw WarehouseError(.layout, message, advice: "give it another \"name\" in the description's \"star\"; its \"title\" may stay")
    }
  }
}
