import Dataset
import Support

/// A gap in a series: periods without a value between periods with one. A forecast needs every period.
package struct Gap: Sendable, Equatable {
  /// The series; nil if rows are missing, which affects all series.
  package let series: (region: String, metric: String, column: String)?
  /// The date of the first empty cell, or of the row before missing rows.
  package let first: Day
  /// The date of the last empty cell, or of the row after missing rows.
  package let last: Day
  /// The number of missing periods; 0 if two rows are in the same period.
  package let periods: Int
  /// The gap in one sentence.
  package let message: String

  /// True if the JSON forms are equal.
  package static func == (left: Gap, right: Gap) -> Bool { left.json == right.json }

  /// Pairs of consecutive dates that are not one period apart.
  /// - Parameter dates: ascending, without duplicates.
  static func between(_ dates: [Day], _ period: StarMapping.Period) -> [Gap] {
    zip(dates, dates.dropFirst()).compactMap { before, after in
      let missing = Int(after.index(period) - before.index(period)) - 1
      guard missing != 0 else { return nil }
      let noun = missing == 1 ? period.rawValue : "\(period.rawValue)s"
      let message =
        missing > 0
        ? "\(missing) \(noun) missing between \(before) (\(before.label(period))) and \(after) (\(after.label(period)))"
        : "\(before) and \(after) are in the same \(period.rawValue)"
      return Gap(series: nil, first: before, last: after, periods: max(0, missing), message: message)
    }
  }

  /// Empty cells between the first and the last value of each series; adjacent ones are one gap.
  static func emptyCells(of snapshot: Snapshot, _ resource: Resource) -> [Gap] {
    snapshot.regions.flatMap { region in
      snapshot.metrics.indices.flatMap { metric -> [Gap] in
        guard let field = region.fields[metric], let series = snapshot.series(region: region.name, metric: snapshot.metrics[metric].name),
          let start = series.points.firstIndex(where: { $0.value != nil }), let end = series.points.lastIndex(where: { $0.value != nil })
        else { return [] }
        return series.points[start...end].split(whereSeparator: { $0.value != nil }).compactMap { run in
          guard let first = run.first?.date, let last = run.last?.date else { return nil }
          let column = resource.fields[field].column
          let dates = run.count == 1 ? "\(first)" : "\(first) to \(last) (\(run.count) rows)"
          return Gap(
            series: (region.name, series.metric.name, column), first: first, last: last, periods: run.count,
            message: "\(region.name) \(series.metric.name) is empty at \(dates) (\(column))")
        }
      }
    }
  }

  /// One object of the report's `gaps`.
  package var json: JSON {
    .object([
      ("region", .text(series?.region)), ("metric", .text(series?.metric)), ("column", .text(series?.column)),
      ("first", .string(first.iso)),
      ("last", .string(last.iso)), ("periods", .integer(periods)), ("message", .string(message)),
    ])
  }
}

/// Dates follow each other at one period, without gaps and without two dates in one period.
struct GapCheck {
  let result: QualityReport.RuleResult
  let findings: [Finding]

  /// - Parameter dates: ascending, without duplicates.
  init(rule: Rule, period: StarMapping.Period, dates: [Day]) {
    let gaps = Gap.between(dates, period)
    let locations = gaps.map(\.last.iso)
    let missing = gaps.reduce(0) { $0 + $1.periods }
    findings = gaps.map { gap in
      Finding(
        location: .row(gap.last.iso), severity: rule.severity,
        evidence: [.init(rule: rule.name, message: gap.message, measured: String(gap.periods), limit: "0")], suggestion: nil)
    }
    result = QualityReport.RuleResult(
      rule: rule.name, title: rule.title ?? rule.name, type: "gap-free", severity: rule.severity, checked: dates.count,
      violations: findings.count, measured: String(missing), limit: "0", locations: locations)
  }
}
