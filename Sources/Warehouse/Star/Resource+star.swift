import Dataset

extension Resource {
  /// The star, which has one row per date.
  ///
  /// - Throws: `.layout` if there is none, or if its date does not identify a row: rows of the same date would be lost.
  func requireStar() throws(WarehouseError) -> StarMapping {
    guard let star else { throw .noStar(name) }
    let extra = primaryKey.filter { $0 != star.date }
    guard !extra.isEmpty, !isUnique(star.date) else { return star }
    let columns = extra.map { fields[$0].column }.joined(separator: ", ")
    let date = fields[star.date].column
    throw WarehouseError(
      .layout, "the star has one row per \(date), but the key has more columns: \(columns)",
      advice: "make a CSV with one row per \(date) (the sum over \(columns), or a column for each), or remove \"star\"")
  }

  /// True if a later row replaces an earlier row of the same date.
  var isKeyedByDate: Bool { primaryKey == [star?.date] }

  /// The error for several rows of one date. Unless the date is the key, each row counts, and the star has one row per date.
  func severalRows(_ date: String) -> WarehouseError {
    let field = star.map { fields[$0.date] }
    let column = field?.column ?? "date"
    if let star, isUnique(star.date) { return WarehouseError(.data, "\(date) is in several rows, but \(column) must be unique") }
    return WarehouseError(
      .layout, "\(date) is in several rows, and the star has one row per \(column)",
      advice:
        "make a CSV with one row per \(column), or, if a later row replaces an earlier one, add \"primaryKey\": \"\(field?.header ?? "")\"")
  }

  private func isUnique(_ field: Int) -> Bool {
    fields[field].constraints.unique
      || rules.contains { rule in
        if case .unique(let fields) = rule.check { return fields == [field] && rule.severity == .error }
        return false
      }
  }
}
