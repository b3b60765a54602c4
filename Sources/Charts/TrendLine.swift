/// One line of a trend chart: a region's values, one per date.
package struct TrendLine: Sendable {
  /// The label.
  package var name: String
  /// In the axis's unit; nil for a missing value.
  package var values: [Double?]
  /// Whether it is the total of the other lines; a total is black.
  package var isWhole: Bool

  /// A line; `isWhole` marks the total.
  package init(_ name: String, _ values: [Double?], isWhole: Bool = false) {
    self.name = name
    self.values = values
    self.isWhole = isWhole
  }
}

extension Chart {
  /// Lines over dates, each with its name and last value at its end.
  ///
  /// - Parameters:
  ///   - dates: `yyyy-mm-dd`, one per value of each line.
  ///   - unit: the unit of the values: "US$ billion".
  ///   - figure: formats a last value: "$4.22 bn".
  package static func trends(
    title: String, subtitle: String, source: String, dates: [String], unit: String, fromZero: Bool = true,
    figure: (Double) -> String, lines: [TrendLine]
  ) -> Chart {
    var chart = Chart(
      title: title, subtitle: subtitle, source: source,
      x: PeriodAxis.axis(dates), y: YAxis(unit: unit, fromZero: fromZero))
    var next = 0
    // A line without values is omitted and uses no color.
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
