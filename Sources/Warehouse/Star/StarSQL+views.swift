import Dataset

extension StarSQL {
  /// Views for charting tools: one wide view with a row per date and region, and one view per metric with a column per region.
  func createViews() throws -> [String] {
    [try wideView()] + (try star.metrics.indices.map(metricView))
  }

  var viewNames: [String] { ["v_wide"] + star.metrics.map(viewName) }

  private func wideView() throws -> String {
    var columns = ["date", "label", "year", "quarter", "month", "first_day", "last_day", "region", "title AS region_title", "is_total"]
    for metric in star.metrics {
      columns.append("\(try shown(metric, of: "f.\(try factColumn(metric))")) AS \(try name(metric.name))")
      if engine == .sqlite, metric.decimals != 0 { columns.append("f.\(try factColumn(metric))") }
    }
    return """
      CREATE VIEW v_wide AS
      SELECT \(columns.joined(separator: ", "))
      FROM \(try fact) f JOIN dim_date USING (date_id) JOIN dim_region USING (region_id)
      """
  }

  private func metricView(_ metric: Int) throws -> String {
    let column = "f.\(try factColumn(star.metrics[metric]))"
    var columns = ["date", "label", "year", "quarter", "month"]
    for (index, region) in star.regions.enumerated() where region.fields[metric] != nil {
      // There is one fact per date and region: max selects it.
      let value = "max(CASE WHEN f.region_id = \(index + 1) THEN \(column) END)"
      columns.append("\(try shown(star.metrics[metric], of: value)) AS \(try name(region.name))")
    }
    return """
      CREATE VIEW \(try name(viewName(star.metrics[metric]))) AS
      SELECT \(columns.joined(separator: ", "))
      FROM \(try fact) f JOIN dim_date d USING (date_id)
      GROUP BY \(engine == .postgres ? "d.date_id" : "date_id")
      """
  }

  /// A stored value as a decimal: in SQLite cents become text with decimal places, since a real would not be exact.
  private func shown(_ metric: StarMapping.Metric, of value: String) throws -> String {
    guard engine == .sqlite, let decimals = metric.decimals, decimals > 0 else { return value }
    let unit = "1" + String(repeating: "0", count: decimals)
    return "CASE WHEN \(value) IS NOT NULL THEN "
      + "printf('%s%d.%0\(decimals)d', CASE WHEN \(value) < 0 THEN '-' ELSE '' END, abs(\(value)) / \(unit), abs(\(value)) % \(unit)) END"
  }
}
