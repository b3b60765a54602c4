import Dataset

extension StarSQL {
  /// The statements that create the tables, in order.
  func createTables() throws -> [String] {
    switch dialect {
    case .postgres: [Self.postgresDate, Self.postgresRegion, try factTable(), Self.postgresSource]
    case .sqlite: [Self.sqliteDate, Self.sqliteRegion, try factTable(), Self.sqliteSource]
    }
  }

  /// Keys and foreign keys that are not part of CREATE TABLE. Postgres builds and checks them over all rows at once: for a million dates this takes a
  /// tenth of the time of a check row by row.
  func createKeys() throws -> [String] {
    guard dialect == .postgres else { return [] }
    return [
      "ALTER TABLE dim_date ADD PRIMARY KEY (date_id), ADD UNIQUE (date)",
      "ALTER TABLE dim_region ADD PRIMARY KEY (region_id), ADD UNIQUE (region)",
      "ALTER TABLE \(try fact) ADD PRIMARY KEY (date_id, region_id), ADD FOREIGN KEY (date_id) REFERENCES dim_date, "
        + "ADD FOREIGN KEY (region_id) REFERENCES dim_region",
    ]
  }

  private static let postgresDate = """
    CREATE TABLE dim_date (
      date_id integer NOT NULL,
      date date NOT NULL,
      year smallint NOT NULL,
      quarter smallint NOT NULL CHECK (quarter BETWEEN 1 AND 4),
      month smallint NOT NULL CHECK (month BETWEEN 1 AND 12),
      label text NOT NULL,
      first_day date NOT NULL,
      last_day date NOT NULL CHECK (date BETWEEN first_day AND last_day)
    )
    """

  private static let sqliteDate = """
    CREATE TABLE dim_date (
      date_id INTEGER PRIMARY KEY,
      date TEXT NOT NULL UNIQUE,
      year INTEGER NOT NULL,
      quarter INTEGER NOT NULL CHECK (quarter BETWEEN 1 AND 4),
      month INTEGER NOT NULL CHECK (month BETWEEN 1 AND 12),
      label TEXT NOT NULL,
      first_day TEXT NOT NULL,
      last_day TEXT NOT NULL CHECK (date BETWEEN first_day AND last_day)
    ) STRICT
    """

  private static let postgresRegion = """
    CREATE TABLE dim_region (
      region_id smallint NOT NULL,
      region text NOT NULL,
      title text NOT NULL,
      is_total boolean NOT NULL
    )
    """

  private static let sqliteRegion = """
    CREATE TABLE dim_region (
      region_id INTEGER PRIMARY KEY,
      region TEXT NOT NULL UNIQUE,
      title TEXT NOT NULL,
      is_total INTEGER NOT NULL CHECK (is_total IN (0, 1))
    ) STRICT
    """

  private static let postgresSource = """
    CREATE TABLE etl_source (
      dataset text PRIMARY KEY,
      source text NOT NULL,
      place text NOT NULL,
      source_rows bigint NOT NULL,
      layout text NOT NULL,
      objects text NOT NULL,
      loaded_at timestamptz NOT NULL
    )
    """

  // Without a time, so that the file's dump is byte for byte the same after another run.
  private static let sqliteSource = """
    CREATE TABLE etl_source (
      dataset TEXT PRIMARY KEY,
      source TEXT NOT NULL,
      place TEXT NOT NULL,
      source_rows INTEGER NOT NULL,
      layout TEXT NOT NULL,
      objects TEXT NOT NULL
    ) STRICT, WITHOUT ROWID
    """

  private func factTable() throws -> String {
    let metrics = try star.metrics.enumerated().map { index, metric in "\(try factColumn(metric)) \(factType(index))" }
    let columns: [String]
    switch dialect {
    case .postgres: columns = ["date_id integer NOT NULL", "region_id smallint NOT NULL"] + metrics
    case .sqlite:
      columns =
        ["date_id integer NOT NULL REFERENCES dim_date", "region_id integer NOT NULL REFERENCES dim_region"] + metrics
        + ["PRIMARY KEY (date_id, region_id)"]
    }
    let options = dialect == .sqlite ? " STRICT, WITHOUT ROWID" : ""
    return "CREATE TABLE \(try fact) (\n  \(columns.joined(separator: ",\n  "))\n)\(options)"
  }

  /// The column type of a metric. All types are exact: no binary floats for money.
  func factType(_ metric: Int) -> String {
    if dialect == .sqlite { return "integer" }
    if isInteger(metric) { return "bigint" }
    return star.metrics[metric].decimals.map { "numeric(38, \($0))" } ?? "numeric"
  }
}

extension StarSQL {
  /// Views for charting tools: one wide view with a row per date and region, and one view per metric with a column per region.
  func createViews() throws -> [String] {
    [try wideView()] + (try star.metrics.indices.map(metricView))
  }

  var viewNames: [String] { ["v_wide"] + star.metrics.map(viewName) }

  private func wideView() throws -> String {
    var columns = ["date", "label", "year", "quarter", "month", "first_day", "last_day", "region", "title AS region_title", "is_total"]
    for metric in star.metrics {
      columns.append("\(try shown(metric, of: "f.\(try factColumn(metric))")) AS \(try quoteIdentifier(metric.name))")
      if dialect == .sqlite, metric.decimals != 0 { columns.append("f.\(try factColumn(metric))") }
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
      columns.append("\(try shown(star.metrics[metric], of: value)) AS \(try quoteIdentifier(region.name))")
    }
    return """
      CREATE VIEW \(try quoteIdentifier(viewName(star.metrics[metric]))) AS
      SELECT \(columns.joined(separator: ", "))
      FROM \(try fact) f JOIN dim_date d USING (date_id)
      GROUP BY \(dialect == .postgres ? "d.date_id" : "date_id")
      """
  }

  /// A stored value as a decimal: in SQLite cents become text with decimal places, since a real would not be exact.
  private func shown(_ metric: StarMapping.Metric, of value: String) throws -> String {
    guard dialect == .sqlite, let decimals = metric.decimals, decimals > 0 else { return value }
    let unit = "1" + String(repeating: "0", count: decimals)
    return "CASE WHEN \(value) IS NOT NULL THEN "
      + "printf('%s%d.%0\(decimals)d', CASE WHEN \(value) < 0 THEN '-' ELSE '' END, abs(\(value)) / \(unit), abs(\(value)) % \(unit)) END"
  }
}

extension StarSQL {
  /// Statements that update the warehouse to the rows of `stage`, in the caller's transaction. Only rows that differ are written, so a second run writes
  /// nothing, and readers see the old rows until the commit.
  /// - Parameter isNew: true if the tables were created in this transaction: they are empty, and in Postgres have no keys yet.
  func refresh(from stage: String, isNew: Bool) throws -> [String] {
    let date = try quoteIdentifier(resource.fields[star.date].column)
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
      let isTotal = dialect == .postgres ? String(region.isTotal) : region.isTotal ? "1" : "0"
      return "(\(index + 1), \(try quoteLiteral(region.name)), \(try quoteLiteral(region.title)), \(isTotal))"
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
    switch dialect {
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
