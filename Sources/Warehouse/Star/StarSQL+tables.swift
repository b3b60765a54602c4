extension StarSQL {
  /// The statements that create the tables, in order.
  func createTables() throws -> [String] {
    switch engine {
    case .postgres: [Self.postgresDate, Self.postgresRegion, try factTable(), Self.postgresSource]
    case .sqlite: [Self.sqliteDate, Self.sqliteRegion, try factTable(), Self.sqliteSource]
    }
  }

  /// Keys and foreign keys that are not part of CREATE TABLE. Postgres builds and checks them over all rows at once: for a million dates this takes a
  /// tenth of the time of a check row by row.
  func createKeys() throws -> [String] {
    guard engine == .postgres else { return [] }
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
    switch engine {
    case .postgres: columns = ["date_id integer NOT NULL", "region_id smallint NOT NULL"] + metrics
    case .sqlite:
      columns =
        ["date_id integer NOT NULL REFERENCES dim_date", "region_id integer NOT NULL REFERENCES dim_region"] + metrics
        + ["PRIMARY KEY (date_id, region_id)"]
    }
    let options = engine == .sqlite ? " STRICT, WITHOUT ROWID" : ""
    return "CREATE TABLE \(try fact) (\n  \(columns.joined(separator: ",\n  "))\n)\(options)"
  }

  /// The column type of a metric. All types are exact: no binary floats for money.
  func factType(_ metric: Int) -> String {
    if engine == .sqlite { return "integer" }
    if isInteger(metric) { return "bigint" }
    return star.metrics[metric].decimals.map { "numeric(38, \($0))" } ?? "numeric"
  }
}
