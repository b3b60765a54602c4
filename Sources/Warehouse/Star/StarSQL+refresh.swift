extension StarSQL {
  /// Statements that make the warehouse say what `stage` says, in one transaction of the caller's. Only rows that differ are written, so a
  /// second run writes nothing, and readers see the old rows until the commit.
  func refresh(from stage: String) throws -> [String] {
    let date = try name(resource.fields[star.date].column)
    let dates = "(SELECT DISTINCT \(date) AS date FROM \(stage)) s"
    let dateNames = ["date", "year", "quarter", "month", "label", "first_day", "last_day"]
    let metrics = try star.metrics.map(factColumn)
    let gone = "SELECT date_id FROM dim_date d WHERE NOT EXISTS (SELECT 1 FROM \(stage) s WHERE s.\(date) = d.date)"
    return [
      try regions(),
      """
      INSERT INTO dim_date (date_id, \(dateNames.joined(separator: ", ")))
      SELECT \(dateID), date, \(dateColumns.joined(separator: ", ")) FROM \(dates) WHERE true
      \(upsert(into: "dim_date", key: "date_id", dateNames))
      """,
      """
      INSERT INTO \(try fact) (date_id, region_id, \(metrics.joined(separator: ", ")))
      SELECT \(dateID), region_id, \(metrics.joined(separator: ", ")) FROM (
      \(try unpivot(from: stage))
      ) s WHERE true
      \(upsert(into: try fact, key: "date_id, region_id", metrics))
      """,
      "DELETE FROM \(try fact) WHERE date_id IN (\(gone))",
      "DELETE FROM dim_date WHERE date_id IN (\(gone))",
    ]
  }

  private func regions() throws -> String {
    let rows = try star.regions.enumerated().map { index, region in
      let isTotal = engine == .postgres ? String(region.isTotal) : region.isTotal ? "1" : "0"
      return "(\(index + 1), \(try literal(region.name)), \(try literal(region.title)), \(isTotal))"
    }
    return """
      INSERT INTO dim_region (region_id, region, title, is_total) VALUES \(rows.joined(separator: ", "))
      \(upsert(into: "dim_region", key: "region_id", ["region", "title", "is_total"]))
      """
  }

  private func upsert(into table: String, key: String, _ columns: [String]) -> String {
    let differs = engine == .postgres ? "IS DISTINCT FROM" : "IS NOT"
    return "ON CONFLICT (\(key)) DO UPDATE SET \(columns.map { "\($0) = excluded.\($0)" }.joined(separator: ", "))\n"
      + "WHERE \(columns.map { "\(table).\($0) \(differs) excluded.\($0)" }.joined(separator: " OR "))"
  }
}
