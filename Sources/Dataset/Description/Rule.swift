/// Something that must hold between rows or columns, beyond what one field's constraints can say.
public struct Rule: Sendable, Equatable {
  public enum Severity: String, Sendable, CaseIterable { case error, warning }

  public let name: String
  public let title: String?
  public let severity: Severity
  public let check: Check

  public enum Check: Sendable, Equatable {
    /// No two rows have the same values in these fields.
    case unique(fields: [Int])
    /// Dates of this field follow each other by one period, without a gap.
    case gapFree(field: Int, period: StarMapping.Period)
    /// The regions of a metric add up to its total region.
    case sum(Sum)
    /// A metric is the quotient of two others, region by region.
    case ratio(Ratio)
    /// No value of these metrics is met twice in one region's series.
    case noRepeat(metrics: [Int])
  }

  public struct Sum: Sendable, Equatable {
    public let metric: Int
    /// The most that total − sum of regions may be away from zero, in the metric's unit.
    public let tolerance: FixedDecimal
    /// What the total has beyond the regions, while it lasts.
    public let expectedResidual: ExpectedResidual?
  }

  /// A part of the total that no region has: total − sum of regions lies in `minimum...maximum` up to and including `until`.
  public struct ExpectedResidual: Sendable, Equatable {
    public let title: String
    public let minimum: FixedDecimal
    public let maximum: FixedDecimal
    /// Days since 1970-01-01, or nil: always.
    public let until: Int64?
  }

  public struct Ratio: Sendable, Equatable {
    public let metric: Int
    public let numerator: Int
    public let denominator: Int
    public let of: Denominator
    /// The quotient is divided by this, too (3 months a quarter).
    public let divisor: FixedDecimal
    /// The most that metric ÷ quotient may be away from 1: 0.001 is 0.1 %.
    public let relativeTolerance: FixedDecimal
  }

  public enum Denominator: String, Sendable, CaseIterable {
    /// The row's own value.
    case closing
    /// The mean of the previous row's value and its own.
    case mean
  }
}
