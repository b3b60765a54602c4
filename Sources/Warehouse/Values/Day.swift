import Dataset

/// A day of the Gregorian calendar, and the period it stands for.
public struct Day: Sendable, Hashable, Comparable {
  /// Days since 1970-01-01.
  public let number: Int64

  public init(_ number: Int64) { self.number = number }

  /// Nil where there is no such day.
  public init?(year: Int, month: Int, day: Int) {
    guard let number = GregorianCalendar.days(year: year, month: month, day: day) else { return nil }
    self.number = number
  }

  /// Reads `2019-03-31`; nil if it is none.
  public init?(iso text: String) {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 3, let year = Int(parts[0]), let month = Int(parts[1]), let day = Int(parts[2]) else { return nil }
    self.init(year: year, month: month, day: day)
  }

  public static func < (left: Day, right: Day) -> Bool { left.number < right.number }

  public var parts: (year: Int, month: Int, day: Int) { GregorianCalendar.date(days: number) }
  public var year: Int { parts.year }
  /// 1…4.
  public var quarter: Int { (parts.month - 1) / 3 + 1 }

  /// `2019-03-31`.
  public var iso: String {
    let (year, month, day) = parts
    return "\(Self.padded(year, 4))-\(Self.padded(month, 2))-\(Self.padded(day, 2))"
  }

  /// What people call its period: `Q1 2019`, `2019-03`, `2019`, `2019-03-31`.
  public func label(_ period: StarMapping.Period) -> String {
    switch period {
    case .day: iso
    case .month: String(iso.prefix(7))
    case .quarter: "Q\(quarter) \(Self.padded(year, 4))"
    case .year: Self.padded(year, 4)
    }
  }

  /// A number that grows by one from each period to the next: two dates with the same one lie in the same period.
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
  public var description: String { iso }
}

extension StarMapping.Period {
  /// Periods in a year: the length of a season.
  public var perYear: Int {
    switch self {
    case .day: 365
    case .month: 12
    case .quarter: 4
    case .year: 1
    }
  }
}
