/// The human-readable name of the period that ends on a date.
enum PeriodName {
  /// "Q1 2025" for quarters, "March 2025" for months, "2025" for years; else the date.
  static func of(_ date: String, period: Int) -> String {
    let parts = date.split(separator: "-").compactMap { Int($0) }
    guard parts.count == 3, (1...12).contains(parts[1]) else { return date }
    return switch period {
    case 4: "Q\((parts[1] - 1) / 3 + 1) \(parts[0])"
    case 12: "\(months[parts[1] - 1]) \(parts[0])"
    case 1: "\(parts[0])"
    default: date
    }
  }

  /// The plural noun, as in "21 quarters".
  static func plural(period: Int) -> String {
    switch period {
    case 4: "quarters"
    case 12: "months"
    case 52: "weeks"
    default: "values"
    }
  }

  private static let months = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
  ]
}
