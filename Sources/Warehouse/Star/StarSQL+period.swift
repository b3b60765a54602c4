import Dataset

extension StarSQL {
  /// Expressions for the columns of dim_date after date_id and date, in their order.
  var dateColumns: [String] { engine == .postgres ? postgresDateColumns : sqliteDateColumns }

  var dateID: String {
    engine == .postgres ? "to_char(date, 'YYYYMMDD')::integer" : "CAST(strftime('%Y%m%d', date) AS INTEGER)"
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
