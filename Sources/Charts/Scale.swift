import Glibc

/// Round tick values of a vertical axis.
struct Scale: Equatable {
  let lower: Double
  let upper: Double
  let step: Double
  let decimals: Int

  /// About `count` steps of 1, 2, 2.5 or 5 times a power of ten that cover all values.
  init(_ values: [Double], fromZero: Bool, count: Int = 6) {
    var low = values.min() ?? 0
    var high = values.max() ?? 1
    if fromZero {
      low = min(low, 0)
      high = max(high, 0)
    }
    if high - low <= max(low.magnitude, high.magnitude) * 1e-9 {
      // A single value gets a range around it.
      let room = max(low.magnitude, high.magnitude) / 2
      (low, high) = room > 0 ? (low - room, high + room) : (-1, 1)
    }
    let rough = (high - low) / Double(count)
    let power = pow(10, floor(log10(rough)))
    let step = ([1, 2, 2.5, 5].first { $0 * power >= rough * 0.999 } ?? 10) * power
    self.step = step
    lower = floor(low / step + 1e-9) * step
    upper = ceil(high / step - 1e-9) * step
    var decimals = 0
    while decimals <= AxisLabelNumber.mostDecimals,
      (step * pow(10, Double(decimals))).rounded() < step * pow(10, Double(decimals)) * 0.999999
        || (step * pow(10, Double(decimals))).rounded() > step * pow(10, Double(decimals)) * 1.000001
    { decimals += 1 }
    self.decimals = decimals
  }

  var ticks: [Double] {
    let count = Int(((upper - lower) / step).rounded())
    return (0...max(1, min(count, 40))).map { lower + Double($0) * step }
  }
}

/// The text of a number on an axis.
package enum AxisLabelNumber {
  /// The maximum number of decimals; more are hard to read.
  package static let mostDecimals = 12

  /// The number with fixed decimals and thousands separators: 1,234.5; in scientific notation beyond ``mostDecimals``: 1.23e−15.
  package static func text(_ value: Double, decimals: Int) -> String {
    if decimals > mostDecimals { return scientific(value) }
    let unit = pow(10, Double(max(0, decimals)))
    let scaled = (value.magnitude * unit).rounded()
    guard scaled.isFinite, scaled < 1e15 else { return "\(value)" }
    let whole = Int64(scaled)
    let divisor = Int64(unit)
    var digits = String(whole / divisor)
    var grouped = ""
    while digits.count > 3 {
      grouped = "," + digits.suffix(3) + grouped
      digits.removeLast(3)
    }
    let fraction = String(whole % divisor)
    let tail = decimals > 0 ? "." + String(repeating: "0", count: decimals - fraction.count) + fraction : ""
    return (value < 0 && whole != 0 ? "−" : "") + digits + grouped + tail
  }

  /// The number of decimals that shows three significant digits of a value.
  package static func decimals(showing value: Double) -> Int {
    guard value.isFinite, value != 0 else { return 2 }
    return min(max(0, 2 - Int(floor(log10(value.magnitude)))), mostDecimals + 1)
  }

  private static func scientific(_ value: Double) -> String {
    guard value.isFinite, value != 0 else { return value == 0 ? "0" : "\(value)" }
    var exponent = Int(floor(log10(value.magnitude)))
    var mantissa = text(value.magnitude / pow(10, Double(exponent)), decimals: 2)
    if mantissa == "10.00" { (mantissa, exponent) = ("1.00", exponent + 1) }
    return "\(value < 0 ? "−" : "")\(mantissa)e\(exponent < 0 ? "−" : "+")\(exponent.magnitude)"
  }
}

/// The horizontal axis of dates.
package enum PeriodAxis {
  /// One position per date (0, 1, …). A few quarters are all labeled, with the year below its first quarter; else each date has a mark, and
  /// the first dates of the years have labels, thinned out to fit. Dates are `yyyy-mm-dd`; other texts are used unchanged.
  package static func axis(_ dates: [String]) -> Chart.XAxis {
    let days = dates.map(YearMonth.init)
    guard days.allSatisfy({ $0 != nil }) else { return axis(numbered(dates), dates.count, unit: "Date") }
    let known = days.compactMap(\.self)
    if isQuarterly(known), known.count <= 32 {
      let ticks = known.enumerated().map { index, day in
        let isNamed = day.quarter == 1 || index == 0
        return Chart.Tick(Double(index), "Q\(day.quarter)", group: isNamed && isWide(known, index) ? String(day.year) : "")
      }
      return axis(ticks, dates.count, unit: "Quarter")
    }
    let starts = known.indices.filter { $0 == 0 || known[$0].year != known[$0 - 1].year }
    let every = max(1, (starts.count + 13) / 14)
    let ticks = starts.enumerated().map { rank, index in
      Chart.Tick(Double(index), rank.isMultiple(of: every) ? String(known[index].year) : "")
    }
    return axis(ticks, dates.count, unit: "Year")
  }

  /// Numbered observations, for a series without dates.
  package static func axis(count: Int) -> Chart.XAxis {
    axis(numbered((1...max(1, count)).map(String.init)), count, unit: "Observation")
  }

  private static func axis(_ ticks: [Chart.Tick], _ count: Int, unit: String) -> Chart.XAxis {
    Chart.XAxis(ticks: ticks, range: -0.4...(Double(max(1, count - 1)) + 0.15), unit: unit)
  }

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
