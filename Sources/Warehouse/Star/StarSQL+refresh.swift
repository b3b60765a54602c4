extension StarSQL {
  /// Statements that update the warehouse to the rows of `stage`, in the caller's transaction. Only rows that differ are written, so a second run writes
  /// nothing, and readers see the old rows until the commit.
  /// - Parameter isNew: true if the tables were created in this transaction: they are empty, and in Postgres have no keys yet.
  func refresh(from stage: String, isNew: Bool) throws -> [String] {
    let date = try name(resource.fields[star.date].column)
    let fact = try fact
    let gone = "SELECT date_id FROM dim_date d WHERE NOT EXISTS (SELECT 1 FROM \(stage) s WHERE s.\(date) = d.date)"
    let regions = try merge(
      "VALUES \(regionRows().joined(separator: ", "))", into: "dim_region", key: ["region_id"], ["region", "title", "is_total"], isNew)
    let dates = merge(
      "SELECT \(dateID), date, \(dateColumns.joined(separator: ", ")) FROM (SELECT DISTINCT \(date) AS date FROM \(stage)) d",
      into: "dim_date", key: ["date_id"], ["date", "year", "quarter", "month", "label", "first_day", "last_day"], isNew)
    let metrics = try star.metrics.map(factColumn)
    let facts = try merge(
      "SELECT \(dateID), region_id, \(metrics.joined(separator: ", ")) FROM (\n\(unpivot(from: stage))\n) u",
      into: fact, key: ["date_id", "region_id"], metrics, isNew)
    if isNew { return [regions, dates, facts] }
    return [
      regions, dates, facts, "DELETE FROM \(fact) WHERE date_id IN (\(gone))", "DELETE FROM dim_date WHERE date_id IN (\(gone))",
    ]
  }

  private func regionRows() throws -> [String] {
    try star.regions.enumerated().map { index, region in
      let isTotal = engine == .postgres ? String(region.isTotal) : region.isTotal ? "1" : "0"
      return "(\(index + 1), \(try literal(region.name)), \(try literal(region.title)), \(isTotal))"
    }
  }

  private func merge(_ rows: String, into table: String, key: [String], _ columns: [String], _ isNew: Bool) -> String {
    let names = (key + columns).joined(separator: ", ")
    let insert = "INSERT INTO \(table) (\(names))"
    if isNew { return "\(insert)\n\(rows)" }
    let upsert =
      "ON CONFLICT (\(key.joined(separator: ", "))) DO UPDATE SET "
      + columns.map { "\($0) = excluded.\($0)" }.joined(separator: ", ")
    let stage = "WITH stage (\(names)) AS (\n\(rows)\n)"
    switch engine {
    case .sqlite:
      let differs = columns.map { "\(table).\($0) IS NOT excluded.\($0)" }.joined(separator: " OR ")
      return "\(stage)\n\(insert) SELECT \(names) FROM stage WHERE true\n\(upsert)\nWHERE \(differs)"
    case .postgres:
      // Postgres locks each conflicting row, changed or not, and the lock is a write. So unchanged rows are filtered out first.
      let same = key.map { "old.\($0) = stage.\($0)" } + columns.map { "old.\($0) IS NOT DISTINCT FROM stage.\($0)" }
      return "\(stage)\n\(insert) SELECT \(names) FROM stage\n"
        + "WHERE NOT EXISTS (SELECT 1 FROM \(table) old WHERE \(same.joined(separator: " AND ")))\n\(upsert)"
    }
  }
}
