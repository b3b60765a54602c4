import Dataset

/// A cell or a row that violates rules. Each is reported once, with the evidence of every rule that it violates.
public struct Finding: Sendable, Equatable {
  /// A cell of the star schema.
  public struct AffectedCell: Sendable, Equatable {
    /// The date of its row.
    public let date: Day
    /// The region's name.
    public let region: String
    /// The metric's name.
    public let metric: String
    /// The column in the CSV.
    public let column: String
    /// The value; nil if the cell is empty.
    public let value: FixedDecimal?
  }

  /// What the finding is about.
  public enum Location: Sendable, Equatable {
    case cell(AffectedCell)
    /// The rules do not determine which of these cells is wrong.
    case oneOf([AffectedCell])
    /// A row, identified by its date, key or line.
    case row(String)
  }

  /// The violation of one rule.
  public struct Evidence: Sendable, Equatable {
    /// The rule's name.
    public let rule: String
    /// The violation in one sentence.
    public let message: String
    /// The measured value.
    public let measured: String
    /// The limit of the rule, in the same unit.
    public let limit: String
  }

  /// The cell, cells or row.
  public let place: Location
  /// The highest severity of the violated rules.
  public let severity: Rule.Severity
  /// The violations, at least one.
  public let evidence: [Evidence]
  /// The value that the rules imply, if they agree. It is only reported: nothing is corrected.
  public let suggestion: Suggestion?
}

/// The value that the violated rules imply for a cell.
public struct Suggestion: Sendable, Equatable {
  /// The implied value.
  public let value: FixedDecimal
  /// False if the value comes from a rule about rounded figures.
  public let isExact: Bool
  /// How the value follows, and which other rules hold with it.
  public let reason: String
}
