extension StarSQL {
  /// A SELECT that unpivots the wide rows of `relation` into facts: (date, region_id, one column per metric). `etl` loads it, the dashboard reads it.
  func unpivot(from relation: String) throws -> String {
    let parts = try star.regions.enumerated().map { index, region in
      var columns = ["\(try name(resource.fields[star.date].column)) AS date", "\(index + 1) AS region_id"]
      for (metric, field) in region.fields.enumerated() {
        let type = engine == .postgres ? factType(metric) : "integer"
        let value = if let field { try name(resource.fields[field].column) } else { "CAST(NULL AS \(type))" }
        columns.append("\(value) AS \(try factColumn(star.metrics[metric]))")
      }
      return "SELECT \(columns.joined(separator: ", ")) FROM \(relation)"
    }
    return Self.union(parts)
  }

  /// SQLite allows at most 500 terms in a compound SELECT.
  private static func union(_ parts: [String]) -> String {
    guard parts.count > 500 else { return parts.joined(separator: "\nUNION ALL\n") }
    return union(stride(from: 0, to: parts.count, by: 500).map { "SELECT * FROM (\n\(union(Array(parts[$0...].prefix(500))))\n) p" })
  }

  /// The landed rows, one per date: the last one that landed, unless a unique index ensures that there is only one.
  func landedRows(table: String, isUnique: Bool) throws -> String {
    let columns = try usedFields.map { try name(resource.fields[$0].column) }
    let date = columns[0]
    let list = columns.joined(separator: ", ")
    if isUnique { return "SELECT \(list) FROM \(table)" }
    return """
      SELECT DISTINCT ON (\(date)) \(list) FROM \(table)
      ORDER BY \(date), landed_at DESC, kafka_offset DESC, kafka_partition
      """
  }
}
