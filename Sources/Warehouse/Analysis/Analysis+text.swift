import Dataset

extension Analysis {
  /// Lines for a terminal, with one table per analysis.
  public var lines: [String] {
    guard let first, let last else { return ["\(dataset): no dates"] }
    var lines = ["\(title ?? dataset): \(dates) \(period.rawValue)s, \(first.label(period)) to \(last.label(period)) (\(origin.place))"]
    for metric in metrics { lines += growthTable(metric) + sharesTable(metric) + addedTable(metric) + developmentTable(metric) }
    return lines + seasonTable
  }

  private func growthTable(_ metric: StarMapping.Metric) -> [String] {
    let rows = growth.filter { $0.metric == metric.name }
    guard !rows.isEmpty else { return [] }
    let from = rows.compactMap(\.annualFrom).min().map { " since \($0.label(period))" } ?? ""
    return heading("\(metric.title)\(unit(metric))")
      + Table(
        ["", rows[0].date.label(period), "on \(period.rawValue)", "on year", "a year\(from)"],
        rows.map { [$0.region, $0.latest.grouped, percent($0.previous), percent($0.year), percent($0.annual)] }
      ).lines
  }

  private func sharesTable(_ metric: StarMapping.Metric) -> [String] {
    let rows = shares.filter { $0.metric == metric.name }
    guard let one = rows.first else { return [] }
    return heading("Shares of the regions' \(metric.title.lowercasedFirst)")
      + Table(
        ["", one.firstDate.label(period), one.date.label(period), "points"],
        rows.map { [$0.region, percent($0.first, signed: false), percent($0.latest, signed: false), points($0.latest - $0.first)] }
      ).lines
  }

  private func addedTable(_ metric: StarMapping.Metric) -> [String] {
    let rows = added.filter { $0.metric == metric.name }
    guard let one = rows.first else { return [] }
    func amount(_ amount: FixedDecimal?) -> String { amount.map { ($0.unscaled > 0 ? "+" : "") + $0.grouped } ?? "–" }
    func mark(_ mark: (date: Day, amount: FixedDecimal)?) -> String {
      mark.map { "\(amount($0.amount)) in \($0.date.label(period))" } ?? "–"
    }
    return heading("\(metric.title) added")
      + Table(
        ["", "in \(one.date.label(period))", "in a year", "since \(one.since.label(period))", "most", "least"],
        rows.map { [$0.region, amount($0.inPeriod), amount($0.inYear), amount($0.sinceFirst), mark($0.most), mark($0.least)] }
      ).lines
  }

  private func developmentTable(_ metric: StarMapping.Metric) -> [String] {
    let rows = development.filter { $0.metric == metric.name }
    guard let one = rows.first else { return [] }
    func mark(_ mark: RatioTrend.Mark) -> String { "\(mark.value.grouped) in \(mark.date.label(period))" }
    return heading("\(metric.title) since \(one.first.date.label(period))")
      + Table(
        ["", one.first.date.label(period), one.latest.date.label(period), "change", "lowest", "highest"],
        rows.map { [$0.region, $0.first.value.grouped, $0.latest.value.grouped, percent($0.change), mark($0.lowest), mark($0.highest)] }
      ).lines
  }

  private var seasonTable: [String] {
    guard let one = seasonality.first else { return [] }
    return heading("Seasons against the trend")
      + Table(
        [""] + one.seasons.map(\.name) + ["range"],
        seasonality.map { row in ["\(row.region) \(row.metric)"] + row.seasons.map { percent($0.index - 1) } + [points(row.range)] }
      ).lines
  }

  private func heading(_ text: String) -> [String] { ["", text] }
  private func unit(_ metric: StarMapping.Metric) -> String {
    metric.unit.map { metric.title.lowercased().hasSuffix($0) ? "" : ", \($0)" } ?? ""
  }

  private func percent(_ share: Double?, signed: Bool = true) -> String {
    guard let share, let amount = FixedDecimal(share * 100, places: 1) else { return "–" }
    return "\(signed && amount.unscaled > 0 ? "+" : "")\(amount.grouped) %"
  }

  private func points(_ share: Double) -> String {
    FixedDecimal(share * 100, places: 1).map { ($0.unscaled > 0 ? "+" : "") + $0.text } ?? "–"
  }
}

extension String {
  /// The title with a lower-case first letter, as within a sentence; unchanged if it begins with an abbreviation.
  fileprivate var lowercasedFirst: String {
    guard count > 1, dropFirst().first?.isLowercase == true else { return self }
    return prefix(1).lowercased() + dropFirst()
  }
}

/// Columns of text: the first left-aligned, the others right-aligned.
private struct Table {
  let rows: [[String]]

  init(_ header: [String], _ rows: [[String]]) { self.rows = [header] + rows }

  var lines: [String] {
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      let cells = row.indices.map { column in
        let blanks = String(repeating: " ", count: widths[column] - row[column].count)
        return column == 0 ? row[column] + blanks : blanks + row[column]
      }
      return "  " + cells.joined(separator: "  ")
    }
  }
}
