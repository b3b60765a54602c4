/// The ticks of a date axis.
public enum PeriodAxis {
  /// One position per date (0, 1, …). A few quarters are all labeled, with the year below its first quarter; else each date has a mark, and
  /// the first dates of the years have labels, thinned out to fit. Dates are `yyyy-mm-dd`; other texts are used unchanged.
  public static func ticks(_ dates: [String]) -> [Chart.Tick] {
    let days = dates.map(YearMonth.init)
    guard days.allSatisfy({ $0 != nil }) else { return numbered(dates) }
    let known = days.compactMap(\.self)
    if isQuarterly(known), known.count <= 32 {
      return known.enumerated().map { index, day in
        let isNamed = day.quarter == 1 || index == 0
        return Chart.Tick(Double(index), "Q\(day.quarter)", group: isNamed && isWide(known, index) ? String(day.year) : "")
      }
    }
    let starts = known.indices.filter { $0 == 0 || known[$0].year != known[$0 - 1].year }
    let every = max(1, (starts.count + 13) / 14)
    return starts.enumerated().map { rank, index in
      Chart.Tick(Double(index), rank.isMultiple(of: every) ? String(known[index].year) : "")
    }
  }

  /// Numbered steps, for a series without dates.
  public static func ticks(count: Int) -> [Chart.Tick] { numbered((1...max(1, count)).map(String.init)) }

  private static func numbered(_ labels: [String]) -> [Chart.Tick] {
    let every = max(1, (labels.count + 9) / 10)
    return labels.enumerated().filter { $0.offset.isMultiple(of: every) }.map { Chart.Tick(Double($0.offset), $0.element) }
  }

  private static func isQuarterly(_ days: [YearMonth]) -> Bool {
    zip(days.dropFirst(), days).allSatisfy { $0.month + 12 * $0.year - $1.month - 12 * $1.year == 3 }
  }

  /// A first year with only one quarter would overlap the next label.
  private static func isWide(_ days: [YearMonth], _ index: Int) -> Bool { index != 0 || days[0].quarter < 4 }

  private struct YearMonth {
    let year: Int
    let month: Int
    var quarter: Int { (month - 1) / 3 + 1 }

    init?(_ date: String) {
      let parts = date.split(separator: "-")
      guard parts.count >= 2, let year = Int(parts[0]), let month = Int(parts[1]), (1...12).contains(month) else { return nil }
      self.year = year
      self.month = month
    }
  }
}
