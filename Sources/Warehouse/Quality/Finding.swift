import Dataset

/// Something in the data that breaks rules: a cell, told once, with what every rule says of it; or a row.
public struct Finding: Sendable, Equatable {
  /// A cell of the star, by its date, region and metric, and the CSV's column.
  public struct AffectedCell: Sendable, Equatable {
    public let date: Day
    public let region: String
    public let metric: String
    public let column: String
    public let value: FixedDecimal?
  }

  public enum Location: Sendable, Equatable {
    case cell(AffectedCell)
    /// The rules cannot tell which of these is wrong.
    case oneOf([AffectedCell])
    /// A row, by its date, its key or its line.
    case row(String)
  }

  /// What one rule says.
  public struct Evidence: Sendable, Equatable {
    public let rule: String
    public let message: String
    /// What was measured, and the most that the rule allows, in the same unit.
    public let measured: String
    public let limit: String
  }

  public let place: Location
  public let severity: Rule.Severity
  public let evidence: [Evidence]
  /// The figure that the rules agree on; nothing is corrected.
  public let suggestion: Suggestion?
}

/// The figure a cell would have by the rules it breaks.
public struct Suggestion: Sendable, Equatable {
  public let value: FixedDecimal
  /// False where the rule is one of rounded figures.
  public let isExact: Bool
  /// Where it comes from, and what else holds with it.
  public let reason: String
}
