import Dataset

/// The SQL of a dataset's star schema as text: tables, views, unpivot and refresh. Pure functions: nothing here connects to a server.
///
///     dim_date (date_id = yyyymmdd, date, year, quarter, month, label, first_day, last_day)
///     dim_region (region_id, region, title, is_total)
///     <fact> (date_id, region_id, one column per metric)
///     etl_source: where the rows came from
///     v_wide: all of it joined; v_<metric>: one row per date, one column per region
struct StarSQL {
  let dialect: SQLDialect
  let resource: Resource
  let star: StarMapping
  /// Quotes a name of the description; in Postgres with libpq.
  let quoteIdentifier: (String) throws -> String
  /// Quotes a text of the description.
  let quoteLiteral: (String) throws -> String

  init(
    dialect: SQLDialect, resource: Resource, quoteIdentifier: @escaping (String) throws -> String,
    quoteLiteral: @escaping (String) throws -> String
  ) throws {
    self.dialect = dialect
    self.resource = resource
    star = try resource.requireStar()
    self.quoteIdentifier = quoteIdentifier
    self.quoteLiteral = quoteLiteral
    if dialect == .sqlite { try checkDecimals() }
    try checkNames()
  }

  var fact: String { get throws { try quoteIdentifier(star.fact) } }

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
    try quoteIdentifier(dialect == .postgres ? metric.name : metric.name + Self.suffix(decimals: metric.decimals ?? 0))
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
        hint: "set \"decimals\" for the fields of \"\(metric.name)\"")
    }
  }
}

/// The databases that can contain a warehouse.
package enum SQLDialect: String, Sendable, CaseIterable {
  case sqlite
  case postgres
}

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
      hint: "make a CSV with one row per \(date) (the sum over \(columns), or a column for each), or remove \"star\"")
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
      hint:
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

extension StarSQL {
  /// Throws `.layout` for names of the description that two columns, or two tables or views, would share, and for names that Postgres would truncate. It
  /// does so in both engines, so that a warehouse can move from one to the other.
  func checkNames() throws {
    try checkLength(star.fact, "the fact table's name \"\(star.fact)\"")
    for metric in star.metrics { try checkLength(viewName(metric), "metric \"\(metric.name)\": its view's name \(viewName(metric))") }
    for region in star.regions { try checkLength(region.name, "the region's name \"\(region.name)\"") }
    var objects = NameList(["dim_date", "dim_region", "etl_source", "v_wide"], dialect)
    try objects.add(star.fact, "the fact table \"\(star.fact)\" has the name of a table or view of the warehouse")
    for metric in star.metrics {
      try objects.add(
        viewName(metric), "metric \"\(metric.name)\": its view would be \(viewName(metric)), and another table or view has that name")
    }
    let date = ["date", "label", "year", "quarter", "month"]
    var wide = NameList(date + ["first_day", "last_day", "region", "region_title", "is_total"], dialect)
    var fact = NameList(["date_id", "region_id"], dialect)
    for (index, metric) in star.metrics.enumerated() {
      let text = "metric \"\(metric.name)\" has the name of another column of v_wide or \(star.fact)"
      try wide.add(metric.name, text)
      // In SQLite v_wide has both the integer units and the decimal.
      let column = dialect == .sqlite ? metric.name + Self.suffix(decimals: metric.decimals ?? 0) : metric.name
      for name in Set([metric.name, column]) { try fact.add(name, text) }
      if column != metric.name { try wide.add(column, text) }
      var regions = NameList(date, dialect)
      for region in star.regions where region.fields[index] != nil {
        try regions.add(region.name, "region \"\(region.name)\" has the name of another column of \(viewName(metric))")
      }
    }
  }
}

private func checkLength(_ name: String, _ what: String) throws(WarehouseError) {
  guard name.utf8.count > 63 else { return }
  throw WarehouseError(
    .layout, "\(what) is longer than 63 bytes", hint: "shorten it in the description's \"star\"; its \"title\" may stay")
}

/// Names that must be distinct. SQLite does not distinguish Total and total.
private struct NameList {
  private var names: Set<String>
  private let dialect: SQLDialect

  init(_ names: [String], _ dialect: SQLDialect) {
    self.names = Set(names)
    self.dialect = dialect
  }

  mutating func add(_ name: String, _ message: String) throws {
    guard names.insert(dialect == .sqlite ? name.lowercased() : name).inserted else {
      throw WarehouseError(.layout, message, hint: "give it another \"name\" in the description's \"star\"; its \"title\" may stay")
    }
  }
}

extension StarSQL {
  /// Expressions for the columns of dim_date after date_id and date, in their order.
  var dateColumns: [String] { dialect == .postgres ? postgresDateColumns : sqliteDateColumns }

  var dateID: String {
    dialect == .postgres ? "to_char(date, 'YYYYMMDD')::integer" : "CAST(strftime('%Y%m%d', date) AS INTEGER)"
  }

  private var postgresDateColumns: [String] {
    let unit = star.period.rawValue
    let length = star.period == .quarter ? "3 months" : "1 \(unit)"
    let label =
      switch star.period {
      case .day: "to_char(date, 'YYYY-MM-DD')"
      case .month: "to_char(date, 'YYYY-MM')"
      case .quarter: "to_char(date, '\"Q\"Q YYYY')"
      case .year: "to_char(date, 'YYYY')"
      }
    // Without a time zone: date_trunc of a date would use the session's time zone.
    let first = "date_trunc('\(unit)', date::timestamp)"
    return [
      "extract(year FROM date)::smallint", "extract(quarter FROM date)::smallint", "extract(month FROM date)::smallint", label,
      "\(first)::date", "(\(first) + interval '\(length)' - interval '1 day')::date",
    ]
  }

  private var sqliteDateColumns: [String] {
    let month = "CAST(strftime('%m', date) AS INTEGER)"
    let quarter = "(\(month) + 2) / 3"
    let (label, first, length) =
      switch star.period {
      case .day: ("date", "date", "+1 day")
      case .month: ("strftime('%Y-%m', date)", "date(date, 'start of month')", "+1 month")
      case .quarter:
        (
          "'Q' || (\(quarter)) || strftime(' %Y', date)", "date(date, 'start of month', '-' || ((\(month) - 1) % 3) || ' months')",
          "+3 months"
        )
      case .year: ("strftime('%Y', date)", "date(date, 'start of year')", "+1 year")
      }
    return ["CAST(strftime('%Y', date) AS INTEGER)", quarter, month, label, first, "date(\(first), '\(length)', '-1 day')"]
  }
}

extension StarSQL {
  /// A SELECT that unpivots the wide rows of `relation` into facts: (date, region_id, one column per metric). `etl` loads it, the dashboard reads it.
  func unpivot(from relation: String) throws -> String {
    let parts = try star.regions.enumerated().map { index, region in
      var columns = ["\(try quoteIdentifier(resource.fields[star.date].column)) AS date", "\(index + 1) AS region_id"]
      for (metric, field) in region.fields.enumerated() {
        let type = dialect == .postgres ? factType(metric) : "integer"
        let value = if let field { try quoteIdentifier(resource.fields[field].column) } else { "CAST(NULL AS \(type))" }
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
    let columns = try usedFields.map { try quoteIdentifier(resource.fields[$0].column) }
    let date = columns[0]
    let list = columns.joined(separator: ", ")
    if isUnique { return "SELECT \(list) FROM \(table)" }
    return """
      SELECT DISTINCT ON (\(date)) \(list) FROM \(table)
      ORDER BY \(date), landed_at DESC, kafka_offset DESC, kafka_partition
      """
  }
}
