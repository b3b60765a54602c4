import Dataset

/// Finds the fewest cells that explain all violations, so that each wrong cell is reported once, with the evidence of every rule that it violates.
///
/// A cell's score rises with the violations that it would explain, and falls with the satisfied rules that contain it, since they would not hold if it
/// were wrong. The cell with the best score is reported, its violations are removed, and so on (a greedy set cover).
struct Attribution {
  struct Violation {
    let check: any CellCheck
    let severity: Rule.Severity
    let cells: [CellIndex]
    let evidence: Finding.Evidence
  }

  private var violations: [Violation] = []
  private var checks: [any CellCheck] = []

  mutating func add(check: any CellCheck, _ new: [Violation]) {
    checks.append(check)
    violations += new
  }

  func findings(snapshot: Snapshot, resource: Resource) -> [Finding] {
    var violationsByCell: [CellIndex: [Int]] = [:]
    for (index, violation) in violations.enumerated() { for cell in violation.cells { violationsByCell[cell, default: []].append(index) } }
    let satisfiedRules = satisfiedRules(of: violationsByCell)
    var explained = Set<Int>()
    func open(_ cell: CellIndex) -> [Int] { (violationsByCell[cell] ?? []).filter { !explained.contains($0) } }
    func candidate(_ cell: CellIndex) -> Candidate { Candidate(cell: cell, score: 2 * open(cell).count - (satisfiedRules[cell] ?? 0)) }
    // Ascending, so that the best is last. Scores only fall, so an outdated candidate is inserted again with its current score.
    var queue = violationsByCell.keys.map(candidate).sorted()
    var findings: [Finding] = []
    while let best = queue.popLast() {
      let mine = open(best.cell)
      guard !mine.isEmpty else { continue }
      let current = candidate(best.cell)
      if current.score < best.score {
        queue.insert(current, at: queue.partitioningIndex { current < $0 })
        continue
      }
      let ties = queue.reversed().prefix { $0.score == best.score }.map(\.cell).filter { open($0) == mine }
      findings.append(finding(best.cell, ties: ties, mine.map { violations[$0] }, snapshot, resource))
      explained.formUnion(mine)
    }
    return findings.sorted { Self.date($0) < Self.date($1) }
  }

  private struct Candidate: Comparable {
    let cell: CellIndex
    let score: Int

    /// Compares scores; for equal scores the later date is better, then the earlier region and metric, so that the order is the same on every run.
    static func < (left: Candidate, right: Candidate) -> Bool {
      let (a, b) = (left.cell, right.cell)
      return (left.score, a.date, b.region, b.metric) < (right.score, b.date, a.region, a.metric)
    }
  }

  /// The number of satisfied evaluations for each of the cells.
  private func satisfiedRules(of violationsByCell: [CellIndex: [Int]]) -> [CellIndex: Int] {
    guard !violationsByCell.isEmpty else { return [:] }
    var count: [CellIndex: Int] = [:]
    // A value that occurs only once is not evidence that it is right.
    for check in checks where !(check is DuplicateCheck) {
      check.forEach { evaluation in
        guard evaluation.holds else { return }
        for cell in evaluation.cells where violationsByCell[cell] != nil { count[cell, default: 0] += 1 }
      }
    }
    return count
  }

  private func finding(
    _ cell: CellIndex, ties: [CellIndex], _ violations: [Violation], _ snapshot: Snapshot, _ resource: Resource
  ) -> Finding {
    let cells = ([cell] + ties).map { described($0, snapshot, resource) }
    return Finding(
      location: ties.isEmpty ? .cell(cells[0]) : .oneOf(cells),
      severity: violations.contains { $0.severity == .error } ? .error : .warning, evidence: violations.map(\.evidence),
      suggestion: ties.isEmpty ? suggestion(cell, violations) : nil)
  }

  /// The value from an exact rule, else from a rounded one, if every other violated rule holds with it.
  private func suggestion(_ cell: CellIndex, _ violations: [Violation]) -> Suggestion? {
    let figures = violations.compactMap { violation in
      violation.check.suggestion(for: cell, in: violation.cells).map { (evidence: violation.evidence, figure: $0) }
    }
    for (evidence, figure) in figures.filter(\.figure.isExact) + figures.filter({ !$0.figure.isExact }) {
      let evaluations = violations.filter { $0.evidence != evidence }.compactMap {
        $0.check.evaluate(figure.value, at: cell, in: $0.cells)
      }
      guard evaluations.allSatisfy(\.holds) else { continue }
      let reason = ([figure.reason] + evaluations.map(\.message)).joined(separator: "; ")
      return Suggestion(value: figure.value, isExact: figure.isExact, reason: reason)
    }
    return nil
  }

  private func described(_ cell: CellIndex, _ snapshot: Snapshot, _ resource: Resource) -> Finding.AffectedCell {
    let field = snapshot.regions[cell.region].fields[cell.metric]
    return Finding.AffectedCell(
      date: snapshot.dates[cell.date], region: snapshot.regions[cell.region].name, metric: snapshot.metrics[cell.metric].name,
      column: field.map { resource.fields[$0].column } ?? "",
      value: snapshot.value(region: cell.region, metric: cell.metric, date: cell.date))
  }

  private static func date(_ finding: Finding) -> Int64 {
    switch finding.location {
    case .cell(let cell): cell.date.number
    case .oneOf(let cells): cells.first?.date.number ?? 0
    case .row: 0
    }
  }
}

extension Array {
  /// The first index whose element satisfies `belongsAfter`, in an array where these elements come after all others.
  fileprivate func partitioningIndex(where belongsAfter: (Element) -> Bool) -> Int {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if belongsAfter(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
