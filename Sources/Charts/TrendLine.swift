/// One line of a picture of trends: a region's values, a date each.
public struct TrendLine: Sendable {
  public var name: String
  /// In the axis' unit; nil where there is none.
  public var values: [Double?]
  /// Whether it is the whole of which the others are parts: drawn in black.
  public var isWhole: Bool

  public init(_ name: String, _ values: [Double?], isWhole: Bool = false) {
    self.name = name
    self.values = values
    self.isWhole = isWhole
  }
}

extension Chart {
  /// Lines over dates, each named at its end with its last value.
  ///
  /// - Parameters:
  ///   - dates: `yyyy-mm-dd`, as many as each line has values.
  ///   - unit: what the values are in: "US$ billion".
  ///   - figure: how a last value is written: "$4.22 bn".
  public static func trends(
    title: String, subtitle: String, source: String, dates: [String], unit: String, fromZero: Bool = true,
    figure: (Double) -> String, lines: [TrendLine]
  ) -> Chart {
    var chart = Chart(
      title: title, subtitle: subtitle, source: source,
      x: XAxis(ticks: PeriodAxis.ticks(dates), range: -0.4...(Double(max(1, dates.count - 1)) + 0.15)),
      y: YAxis(unit: unit, fromZero: fromZero))
    var next = 0
    // A line without a value has nothing to show, and takes no colour.
    for line in lines where line.values.contains(where: { $0 != nil }) {
      let color = line.isWhole ? Palette.black : Palette.regions[next % Palette.regions.count]
      if !line.isWhole { next += 1 }
      let last = line.values.last { $0 != nil }.flatMap(\.self)
      let ending = last.map { " \(figure($0))" } ?? ""
      chart.series.append(
        PlotSeries(label: line.name + ending, color: color, points: line.values.enumerated().map { Point(Double($0.offset), $0.element) }))
    }
    return chart
  }
}
