import Dataset

/// A day of the Gregorian calendar, which may represent a period.
public struct Day: Sendable, Hashable, Comparable {
  /// Days since 1970-01-01.
  public let number: Int64

  /// The day that is `number` days after 1970-01-01.
  public init(_ number: Int64) { self.number = number }

  /// Nil if the day does not exist.
  public init?(year: Int, month: Int, day: Int) {
    guard let number = GregorianCalendar.days(year: year, month: month, day: day) else { return nil }
    self.number = number
  }

  /// Parses `2019-03-31`; nil if it is not a date in this format.
  public init?(iso text: String) {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 3, let year = Int(parts[0]), let month = Int(parts[1]), let day = Int(parts[2]) else { return nil }
    self.init(year: year, month: month, day: day)
  }

  /// True if `left` is earlier.
  public static func < (left: Day, right: Day) -> Bool { left.number < right.number }

  /// Year, month (1–12) and day (1–31).
  public var parts: (year: Int, month: Int, day: Int) { GregorianCalendar.date(days: number) }
  /// The year.
  public var year: Int { parts.year }
  /// 1…4.
  public var quarter: Int { (parts.month - 1) / 3 + 1 }

  /// `2019-03-31`.
  public var iso: String {
    let (year, month, day) = parts
    return "\(Self.padded(year, 4))-\(Self.padded(month, 2))-\(Self.padded(day, 2))"
  }

  /// A human-readable name of its period: `Q1 2019`, `2019-03`, `2019`, `2019-03-31`.
  public func label(_ period: StarMapping.Period) -> String {
    switch period {
    case .day: iso
    case .month: String(iso.prefix(7))
    case .quarter: "Q\(quarter) \(Self.padded(year, 4))"
    case .year: Self.padded(year, 4)
    }
  }

  /// A number that grows by one per period: two dates with the same number are in the same period.
  public func index(_ period: StarMapping.Period) -> Int64 {
    let (year, month, _) = parts
    return switch period {
    case .day: number
    case .month: Int64(year * 12 + month - 1)
    case .quarter: Int64(year * 4 + quarter - 1)
    case .year: Int64(year)
    }
  }

  private static func padded(_ number: Int, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}

extension Day: CustomStringConvertible {
  /// ISO 8601, such as `2019-03-31`.
  public var description: String { iso }
}

extension StarMapping.Period {
  /// Periods per year: the length of a season.
  public var perYear: Int {
    switch self {
    case .day: 365
    case .month: 12
    case .quarter: 4
    case .year: 1
    }
  }
}
