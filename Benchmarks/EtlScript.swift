/// The SQL of `netflix etl` for this CSV, hand-written: the same tables, keys and checks, in one transaction.
enum EtlScript {
  static func postgres(_ csv: String) -> String {
    """
    BEGIN;
    SET LOCAL DateStyle = 'ISO, DMY';
    CREATE TEMP TABLE incoming (\(columns(date: "date", integer: "bigint", decimal: "numeric"))) ON COMMIT DROP;
    \\copy incoming FROM '\(csv)' (FORMAT csv, HEADER)
    ANALYZE incoming;
    CREATE TABLE dim_region (region_id smallint NOT NULL, region text NOT NULL, title text NOT NULL, is_total boolean NOT NULL);
    CREATE TABLE dim_date (date_id integer NOT NULL, date date NOT NULL, year smallint NOT NULL, quarter smallint NOT NULL,
      month smallint NOT NULL, label text NOT NULL, first_day date NOT NULL, last_day date NOT NULL CHECK (date BETWEEN first_day AND last_day));
    CREATE TABLE fact_revenue_subscribers (date_id integer NOT NULL, region_id smallint NOT NULL, revenue bigint, memberships bigint,
      arpu numeric(38, 2));
    INSERT INTO dim_region VALUES (1, 'Global', 'Global', true), (2, 'UCAN', 'UCAN', false), (3, 'EMEA', 'EMEA', false),
      (4, 'LATM', 'LATM', false), (5, 'APAC', 'APAC', false);
    INSERT INTO dim_date SELECT to_char(date, 'YYYYMMDD')::integer, date, extract(year FROM date)::smallint,
      extract(quarter FROM date)::smallint, extract(month FROM date)::smallint, to_char(date, '"Q"Q YYYY'),
      date_trunc('quarter', date::timestamp)::date, (date_trunc('quarter', date::timestamp) + interval '3 months' - interval '1 day')::date
      FROM incoming;
    INSERT INTO fact_revenue_subscribers SELECT to_char(date, 'YYYYMMDD')::integer, region_id, revenue, memberships, arpu FROM (
    \(unpivot(nothing: "NULL::numeric(38, 2)"))
    ) facts;
    ALTER TABLE dim_date ADD PRIMARY KEY (date_id), ADD UNIQUE (date);
    ALTER TABLE dim_region ADD PRIMARY KEY (region_id), ADD UNIQUE (region);
    ALTER TABLE fact_revenue_subscribers ADD PRIMARY KEY (date_id, region_id), ADD FOREIGN KEY (date_id) REFERENCES dim_date,
      ADD FOREIGN KEY (region_id) REFERENCES dim_region;
    COMMIT;

    """
  }

  static func sqlite(_ csv: String) -> String {
    let day = "substr(date, 7, 4) || '-' || substr(date, 4, 2) || '-' || substr(date, 1, 2)"
    return """
      PRAGMA foreign_keys = ON;
      PRAGMA temp_store = FILE;
      CREATE TEMP TABLE raw (\(columns(date: "TEXT", integer: "INTEGER", decimal: "TEXT")));
      .import --csv --skip 1 --schema temp '\(csv)' raw
      CREATE TEMP TABLE incoming AS SELECT \(day) AS date, \(names.dropFirst().map { $0.hasSuffix("arpu") ? "CAST(round(\($0) * 100) AS INTEGER) AS \($0)" : $0 }.joined(separator: ", ")) FROM raw;
      BEGIN;
      CREATE TABLE dim_region (region_id INTEGER PRIMARY KEY, region TEXT NOT NULL UNIQUE, title TEXT NOT NULL, is_total INTEGER NOT NULL) STRICT;
      CREATE TABLE dim_date (date_id INTEGER PRIMARY KEY, date TEXT NOT NULL UNIQUE, year INTEGER NOT NULL, quarter INTEGER NOT NULL,
        month INTEGER NOT NULL, label TEXT NOT NULL, first_day TEXT NOT NULL, last_day TEXT NOT NULL CHECK (date BETWEEN first_day AND last_day)) STRICT;
      CREATE TABLE fact_revenue_subscribers (date_id INTEGER NOT NULL REFERENCES dim_date, region_id INTEGER NOT NULL REFERENCES dim_region,
        revenue INTEGER, memberships INTEGER, arpu_cents INTEGER, PRIMARY KEY (date_id, region_id)) STRICT, WITHOUT ROWID;
      INSERT INTO dim_region VALUES (1, 'Global', 'Global', 1), (2, 'UCAN', 'UCAN', 0), (3, 'EMEA', 'EMEA', 0), (4, 'LATM', 'LATM', 0),
        (5, 'APAC', 'APAC', 0);
      INSERT INTO dim_date SELECT CAST(strftime('%Y%m%d', date) AS INTEGER), date, CAST(strftime('%Y', date) AS INTEGER),
        (CAST(strftime('%m', date) AS INTEGER) + 2) / 3, CAST(strftime('%m', date) AS INTEGER),
        'Q' || ((CAST(strftime('%m', date) AS INTEGER) + 2) / 3) || strftime(' %Y', date),
        date(date, 'start of month', '-' || ((CAST(strftime('%m', date) AS INTEGER) - 1) % 3) || ' months'),
        date(date, 'start of month', '-' || ((CAST(strftime('%m', date) AS INTEGER) - 1) % 3) || ' months', '+3 months', '-1 day')
        FROM incoming;
      INSERT INTO fact_revenue_subscribers SELECT CAST(strftime('%Y%m%d', date) AS INTEGER), region_id, revenue, memberships, arpu FROM (
      \(unpivot(nothing: "NULL"))
      );
      COMMIT;

      """
  }

  private static let regions = ["ucan", "emea", "latm", "apac"]

  /// The CSV's columns in their order.
  private static let names =
    ["date", "global_revenue"] + regions.map { $0 + "_revenue" } + regions.map { $0 + "_members" } + regions.map { $0 + "_arpu" }
    + ["total_members"]

  private static func columns(date: String, integer: String, decimal: String) -> String {
    names.map { "\($0) \($0 == "date" ? date : $0.hasSuffix("arpu") ? decimal : integer)" }.joined(separator: ", ")
  }

  private static func unpivot(nothing: String) -> String {
    let total = "SELECT date, 1 AS region_id, global_revenue AS revenue, total_members AS memberships, \(nothing) AS arpu FROM incoming"
    let parts = regions.enumerated().map { index, region in
      "SELECT date, \(index + 2), \(region)_revenue, \(region)_members, \(region)_arpu FROM incoming"
    }
    return ([total] + parts).joined(separator: "\nUNION ALL\n")
  }
}
