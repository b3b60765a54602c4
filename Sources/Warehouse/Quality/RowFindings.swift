import Dataset

/// The findings from reading the rows: rejected rows and duplicate values.
public struct RowFindings: Sendable, Equatable {
  var results: [QualityReport.RuleResult] = []
  var findings: [Finding] = []
  /// For each field of a rule about gaps its dates, ascending and without duplicates.
  var dates: [Int: [Day]] = [:]

  /// No findings.
  public init() {}
}
