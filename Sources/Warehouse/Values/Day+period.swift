import Dataset
import Support

extension Day {
  /// The year.
  package var year: Int { parts.year }
  /// 1…4.
  package var quarter: Int { (parts.month - 1) / 3 + 1 }

  /// A human-readable name of its period: `Q1 2019`, `2019-03`, `2019`, `2019-03-31`.
  package func label(_ period: StarMapping.Period) -> String {
    let year = iso.prefix(4)
    return switch period {
    case .day: iso
    case .month: String(iso.prefix(7))
    case .quarter: "Q\(quarter) \(year)"
    case .year: String(year)
    }
  }

  /// A number that grows by one per period: two dates with the same number are in the same period.
  package func index(_ period: StarMapping.Period) -> Int64 {
    switch period {
    case .day: number
    case .month: Int64(monthNumber)
    case .quarter: Int64(year * 4 + quarter - 1)
    case .year: Int64(year)
    }
  }
}

extension StarMapping.Period {
  /// Periods per year: the length of a season.
  package var perYear: Int {
    switch self {
    case .day: 365
    case .month: 12
    case .quarter: 4
    case .year: 1
    }
  }
}
