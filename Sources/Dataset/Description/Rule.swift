/// A condition between rows or columns, which the constraints of one field cannot express.
public struct Rule: Sendable, Equatable {
  /// How a violation is reported.
  public enum Severity: String, Sendable, CaseIterable { case error, warning }

  /// The rule's name in the description; unique in its resource.
  public let name: String
  /// A human-readable title, if the description has one.
  public let title: String?
  /// How a violation is reported.
  public let severity: Severity
  /// The condition.
  public let check: Check

  /// The condition of a rule.
  public enum Check: Sendable, Equatable {
    /// No two rows have the same values in these fields.
    case unique(fields: [Int])
    /// Dates of this field follow each other at one period, without a gap.
    case gapFree(field: Int, period: StarMapping.Period)
    /// The regions of a metric add up to its total region.
    case sum(Sum)
    /// A metric is the quotient of two others, region by region.
    case ratio(Ratio)
    /// No value of these metrics occurs twice in the series of one region.
    case noRepeat(metrics: [Int])
  }

  /// The regions of a metric add up to its total region.
  public struct Sum: Sendable, Equatable {
    /// Index of the metric in the star mapping.
    public let metric: Int
    /// The largest allowed |total − sum of regions|, in the metric's unit.
    public let tolerance: FixedDecimal
    /// The part of the total that belongs to no region, if any.
    public let expectedResidual: ExpectedResidual?
  }

  /// A part of the total that belongs to no region: total − sum of regions is in `minimum...maximum` up to and including `until`.
  public struct ExpectedResidual: Sendable, Equatable {
    /// The name of this part in reports.
    public let title: String
    /// The least residual, in the metric's unit.
    public let minimum: FixedDecimal
    /// The greatest residual, in the metric's unit.
    public let maximum: FixedDecimal
    /// The last day, in days since 1970-01-01; nil if it has no end.
    public let until: Int64?
  }

  /// A metric is the quotient of two others, region by region.
  public struct Ratio: Sendable, Equatable {
    /// Index of the metric that must equal the quotient.
    public let metric: Int
    /// Index of the metric above the fraction line.
    public let numerator: Int
    /// Index of the metric below the fraction line.
    public let denominator: Int
    /// Which value of the denominator counts.
    public let of: Denominator
    /// The quotient is also divided by this number (3 months per quarter).
    public let divisor: FixedDecimal
    /// The largest allowed |metric ÷ quotient − 1|: 0.001 is 0.1 %.
    public let relativeTolerance: FixedDecimal
  }

  /// Which value of the denominator counts.
  public enum Denominator: String, Sendable, CaseIterable {
    /// The row's own value.
    case closing
    /// The mean of the previous row's value and the row's own.
    case mean
  }
}
