import Dataset
import Support

/// Descriptive analysis of a dataset: growth, shares, members added, ARPU trend and seasonality. It is a pure function of a snapshot.
package struct Analysis: Sendable, Equatable {
  /// The resource's name.
  package let dataset: String
  /// The resource's title, if described.
  package let title: String?
  /// The interval between dates.
  package let period: StarMapping.Period
  /// Where the rows came from.
  package let provenance: Provenance
  /// The metrics of the star mapping.
  package let metrics: [StarMapping.Metric]
  /// The regions of the star mapping.
  package let regions: [StarMapping.Region]
  /// The first date; nil without rows.
  package let first: Day?
  /// The last date; nil without rows.
  package let last: Day?
  /// The number of dates.
  package let dates: Int
  /// Growth of each series, by metric, then region.
  package let growth: [Growth]
  /// Shares of the regions in each metric that adds up over regions.
  package let shares: [RegionShare]
  /// Net additions of each series of a stock metric.
  package let netAdditions: [NetAdditions]
  /// The trend of each series of a ratio metric.
  package let ratioTrends: [RatioTrend]
  /// Seasonal indexes of each series that has enough data.
  package let seasonality: [Seasonality]

  /// Analyzes a snapshot.
  package init(_ snapshot: Snapshot) {
    dataset = snapshot.dataset
    title = snapshot.title
    period = snapshot.period
    provenance = snapshot.provenance
    metrics = snapshot.metrics
    regions = snapshot.regions
    first = snapshot.dates.first
    last = snapshot.dates.last
    dates = snapshot.dates.count
    let series = snapshot.metrics.indices.flatMap { metric in
      snapshot.regions.indices.compactMap { snapshot.series(region: $0, metric: metric) }
    }
    growth = series.compactMap(Growth.init)
    shares = snapshot.metrics.indices.flatMap(snapshot.shares)
    netAdditions = series.filter { $0.metric.kind == .stock }.compactMap(NetAdditions.init)
    ratioTrends = series.filter { $0.metric.kind == .ratio }.compactMap(RatioTrend.init)
    seasonality = series.filter { $0.metric.kind != .ratio && ($0.region.isTotal || snapshot.total == nil) }.compactMap(Seasonality.init)
  }
}

extension Analysis {
  /// `{"dataset","period","from","to","dates","source":{…},"growth":[…],"shares":[…],"added":[…],"development":[…],"seasonality":[…]}`.
  /// Growth and shares are fractions of one, rounded to six decimal places.
  package var json: JSON {
    .object([
      ("dataset", .string(dataset)), ("period", .string(period.rawValue)), ("from", .text(first?.iso)), ("to", .text(last?.iso)),
      ("dates", .integer(dates)),
      (
        "source",
        .object([
          ("kind", .string(provenance.kind.rawValue)), ("place", .string(provenance.location)), ("rows", .integer(provenance.rows)),
          ("time", .text(provenance.time)),
        ])
      ), ("growth", .array(growth.map(\.json))), ("shares", .array(shares.map(\.json))), ("added", .array(netAdditions.map(\.json))),
      ("development", .array(ratioTrends.map(\.json))), ("seasonality", .array(seasonality.map(\.json))),
    ])
  }
}

private func share(_ number: Double?) -> JSON { .rounded(number, places: 6) }

extension Growth {
  /// One object of the analysis' `growth`.
  package var json: JSON {
    .object([
      ("metric", .string(metric)), ("region", .string(region)), ("date", .string(date.iso)), ("latest", .amount(latest)),
      ("previous_period", share(periodOverPeriod)), ("year_on_year", share(yearOverYear)), ("cagr", share(cagr)),
      ("cagr_from", .text(cagrFrom?.iso)),
    ])
  }
}

extension RegionShare {
  /// One object of the analysis' `shares`.
  package var json: JSON {
    .object([
      ("metric", .string(metric)), ("region", .string(region)), ("first_date", .string(firstDate.iso)), ("first", share(first)),
      ("date", .string(date.iso)), ("latest", share(latest)),
    ])
  }
}

extension NetAdditions {
  /// One object of the analysis' `added`.
  package var json: JSON {
    func mark(_ mark: (date: Day, amount: FixedDecimal)?) -> JSON {
      mark.map { .object([("date", .string($0.date.iso)), ("added", .amount($0.amount))]) } ?? .null
    }
    return .object([
      ("metric", .string(metric)), ("region", .string(region)), ("date", .string(date.iso)), ("in_period", .amount(inPeriod)),
      ("in_year", .amount(inYear)), ("since", .string(since.iso)), ("since_first", .amount(sinceFirst)), ("most", mark(most)),
      ("least", mark(least)),
    ])
  }
}

extension RatioTrend {
  /// One object of the analysis' `development`.
  package var json: JSON {
    .object([
      ("metric", .string(metric)), ("region", .string(region)), ("first", first.json), ("latest", latest.json), ("lowest", lowest.json),
      ("highest", highest.json), ("change", share(change)),
    ])
  }
}

extension RatioTrend.Mark {
  var json: JSON { .object([("date", .string(date.iso)), ("value", .amount(value))]) }
}

extension Seasonality {
  /// One object of the analysis' `seasonality`.
  package var json: JSON {
    .object([
      ("metric", .string(metric)), ("region", .string(region)),
      ("index", .object(seasons.map { ($0.name, .rounded($0.index, places: 6)) })), ("range", share(range)),
    ])
  }
}

extension Analysis {
  /// Lines for a terminal, with one table per analysis.
  package var lines: [String] {
    guard let first, let last else { return ["\(dataset): no dates"] }
    var lines = [
      "\(title ?? dataset): \(dates) \(period.rawValue)s, \(first.label(period)) to \(last.label(period)) (\(provenance.location))"
    ]
    for metric in metrics { lines += growthTable(metric) + sharesTable(metric) + addedTable(metric) + developmentTable(metric) }
    return lines + seasonTable
  }

  private func growthTable(_ metric: StarMapping.Metric) -> [String] {
    let rows = growth.filter { $0.metric == metric.name }
    guard !rows.isEmpty else { return [] }
    let from = rows.compactMap(\.cagrFrom).min().map { " since \($0.label(period))" } ?? ""
    return heading("\(metric.title)\(unit(metric))")
      + table(
        ["", rows[0].date.label(period), "on \(period.rawValue)", "on year", "a year\(from)"],
        rows.map { [$0.region, $0.latest.grouped, percent($0.periodOverPeriod), percent($0.yearOverYear), percent($0.cagr)] }
      )
  }

  private func sharesTable(_ metric: StarMapping.Metric) -> [String] {
    let rows = shares.filter { $0.metric == metric.name }
    guard let one = rows.first else { return [] }
    return heading("Shares of the regions' \(metric.title.lowercasedFirst)")
      + table(
        ["", one.firstDate.label(period), one.date.label(period), "points"],
        rows.map { [$0.region, percent($0.first, signed: false), percent($0.latest, signed: false), points($0.latest - $0.first)] }
      )
  }

  private func addedTable(_ metric: StarMapping.Metric) -> [String] {
    let rows = netAdditions.filter { $0.metric == metric.name }
    guard let one = rows.first else { return [] }
    func amount(_ amount: FixedDecimal?) -> String { amount.map { ($0.unscaled > 0 ? "+" : "") + $0.grouped } ?? "–" }
    func mark(_ mark: (date: Day, amount: FixedDecimal)?) -> String {
      mark.map { "\(amount($0.amount)) in \($0.date.label(period))" } ?? "–"
    }
    return heading("\(metric.title) added")
      + table(
        ["", "in \(one.date.label(period))", "in a year", "since \(one.since.label(period))", "most", "least"],
        rows.map { [$0.region, amount($0.inPeriod), amount($0.inYear), amount($0.sinceFirst), mark($0.most), mark($0.least)] }
      )
  }

  private func developmentTable(_ metric: StarMapping.Metric) -> [String] {
    let rows = ratioTrends.filter { $0.metric == metric.name }
    guard let one = rows.first else { return [] }
    func mark(_ mark: RatioTrend.Mark) -> String { "\(mark.value.grouped) in \(mark.date.label(period))" }
    return heading("\(metric.title) since \(one.first.date.label(period))")
      + table(
        ["", one.first.date.label(period), one.latest.date.label(period), "change", "lowest", "highest"],
        rows.map { [$0.region, $0.first.value.grouped, $0.latest.value.grouped, percent($0.change), mark($0.lowest), mark($0.highest)] }
      )
  }

  private var seasonTable: [String] {
    guard let one = seasonality.first else { return [] }
    return heading("Seasons against the trend")
      + table(
        [""] + one.seasons.map(\.name) + ["range"],
        seasonality.map { row in ["\(row.region) \(row.metric)"] + row.seasons.map { percent($0.index - 1) } + [points(row.range)] }
      )
  }

  private func heading(_ text: String) -> [String] { ["", text] }

  private func table(_ header: [String], _ rows: [[String]]) -> [String] {
    TextTable(figures: [header] + rows).rows.map { "  " + $0.joined(separator: "  ") }
  }

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
