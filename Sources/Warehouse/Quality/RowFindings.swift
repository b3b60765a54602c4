import Dataset

/// What reading the rows found: rows that are none, and values met twice.
public struct RowFindings: Sendable, Equatable {
  var results: [QualityReport.RuleResult] = []
  var findings: [Finding] = []
  /// By field: its dates, ascending and each once, for rules about gaps.
  var dates: [Int: [Day]] = [:]

  public init() {}
}
