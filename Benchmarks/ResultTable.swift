import Support

/// The results as a Markdown table.
struct ResultTable {
  private var lines: [[String]] = []
  /// Whether a result is over its limit.
  private(set) var isOver = false

  /// - Parameter limit: the largest acceptable ratio; nil: no limit.
  mutating func add(_ what: String, _ comparison: Comparison, beside tool: String, limit: Double?) {
    verdict(
      what, ours: "\(rounded(comparison.oursSeconds, 3)) s", beside: "\(tool): \(rounded(comparison.besideSeconds, 3)) s",
      figure: "\(rounded(comparison.ratio, 2)) ×", limit: limit.map { "\($0) ×" } ?? "",
      isOver: limit.map { comparison.ratio > $0 + 0.005 } ?? false)
  }

  /// - Parameters: the peak resident memory in bytes, with ten thousand rows and with all rows.
  mutating func addMemory(_ what: String, small: Int, large: Int, rows: Int) {
    let megabytes = Double(max(small, large)) / 1_048_576
    verdict(
      "\(what), memory", ours: "\(rounded(Double(large) / 1_048_576, 1)) MB",
      beside: "at 10,000 rows: \(rounded(Double(small) / 1_048_576, 1)) MB",
      figure: "\(rounded(megabytes, 1)) MB", limit: "64 MB", isOver: megabytes > 64)
  }

  mutating func add(_ what: String, milliseconds: Double, limit: Double) {
    verdict(
      what, ours: "\(rounded(milliseconds, 2)) ms", beside: "", figure: "\(rounded(milliseconds, 2)) ms", limit: "\(limit) ms",
      isOver: milliseconds > limit)
  }

  /// - Parameter isBesideLimit: the plain loop's time is a limit, too.
  mutating func add(_ what: String, milliseconds: Double, beside: Double, limit: Double, isBesideLimit: Bool) {
    verdict(
      what, ours: "\(rounded(milliseconds, 1)) ms", beside: "plain loop: \(beside.isFinite ? "\(rounded(beside, 1)) ms" : "falls behind")",
      figure: "\(rounded(milliseconds, 1)) ms",
      limit: limit.isFinite ? "\(Int(limit)) ms\(isBesideLimit ? ", the loop's" : "")" : "",
      isOver: milliseconds > limit || isBesideLimit && milliseconds > beside)
  }

  mutating func add(_ what: String, perSecond rate: Double, atLeast limit: Double) {
    let figure = "\(Int(rate))/s"
    verdict(what, ours: figure, beside: "", figure: figure, limit: "at least \(Int(limit))/s", isOver: rate < limit)
  }

  private mutating func verdict(_ what: String, ours: String, beside: String, figure: String, limit: String, isOver: Bool) {
    lines.append([what, ours, beside, figure, limit, isOver ? "over" : "ok"])
    self.isOver = self.isOver || isOver
  }

  var text: String {
    let table = TextTable([["what", "ours", "beside", "figure", "at most", ""]] + lines) { _ in false }
    var rows = table.rows.map { "| " + $0.joined(separator: " | ") + " |" }
    rows.insert("|" + table.widths.map { String(repeating: "-", count: $0 + 2) }.joined(separator: "|") + "|", at: 1)
    return rows.joined(separator: "\n")
  }

  private func rounded(_ value: Double, _ places: Int) -> String {
    let factor = (0..<places).reduce(1.0) { factor, _ in factor * 10 }
    return "\((value * factor).rounded() / factor)"
  }
}
