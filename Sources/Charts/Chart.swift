/// The data of a line chart over time; `GnuplotScript` draws it.
package struct Chart: Sendable {
  /// The chart's message, as a short sentence.
  package var title: String
  /// A second, smaller line.
  package var subtitle: String
  /// The source of the data, below the chart.
  package var source: String
  /// The horizontal axis.
  package var x: XAxis
  /// The vertical axis.
  package var y: YAxis
  /// Shaded ranges, drawn first.
  package var bands: [Band] = []
  /// The lines.
  package var series: [PlotSeries] = []
  /// Vertical lines.
  package var splits: [ReferenceLine] = []
  /// Texts within the plot.
  package var notes: [Annotation] = []

  /// A chart without data.
  package init(title: String, subtitle: String, source: String, x: XAxis, y: YAxis) {
    self.title = title
    self.subtitle = subtitle
    self.source = source
    self.x = x
    self.y = y
  }

  /// A horizontal axis: its ticks and its range, in the units of the points' `x`. ``PeriodAxis`` makes those of dates.
  package struct XAxis: Sendable {
    /// The ticks, from left to right.
    package var ticks: [Tick]
    /// The range that is drawn.
    package var range: ClosedRange<Double>
    /// What the ticks count, right of the axis: "Quarter".
    package var unit: String
    /// An axis with the given ticks, range and unit.
    package init(ticks: [Tick], range: ClosedRange<Double>, unit: String) {
      self.ticks = ticks
      self.range = range
      self.unit = unit
    }
  }

  /// A tick with an optional label.
  package struct Tick: Sendable, Equatable {
    /// The position on the axis.
    package var position: Double
    /// The label; empty for a tick mark only.
    package var label: String
    /// A second line below the label, such as the year below its first quarter.
    package var group: String
    /// A tick at a position.
    package init(_ position: Double, _ label: String, group: String = "") {
      self.position = position
      self.label = label
      self.group = group
    }
  }

  /// A vertical axis; its ticks are computed.
  package struct YAxis: Sendable {
    /// The unit, above the axis: "US$ billion".
    package var unit: String
    /// Whether the axis always includes 0.
    package var fromZero: Bool
    /// An axis with the given unit.
    package init(unit: String, fromZero: Bool) {
      self.unit = unit
      self.fromZero = fromZero
    }
  }

  /// A point of a line.
  package struct Point: Sendable, Equatable {
    /// The position on the horizontal axis.
    package var x: Double
    /// The value; nil makes a gap in the line.
    package var y: Double?
    /// A point, or a gap if `y` is nil.
    package init(_ x: Double, _ y: Double?) {
      self.x = x
      self.y = y
    }
  }

  /// A line with its style and its label.
  package struct PlotSeries: Sendable {
    /// How the points are drawn.
    package enum Style: Sendable { case line, dashed, thin, marks, markedLine }
    /// The label at the line's end, in its color; nil for none.
    package var label: String?
    /// The color.
    package var color: Palette
    /// How the points are drawn.
    package var style: Style
    /// The points, from left to right.
    package var points: [Point]
    /// A line through the points.
    package init(label: String?, color: Palette, style: Style = .line, points: [Point]) {
      self.label = label
      self.color = color
      self.style = style
      self.points = points
    }
  }

  /// A shaded range, such as a prediction interval.
  package struct Band: Sendable {
    /// The lower and the upper value at one `x`.
    package struct Edge: Sendable {
      /// The position on the horizontal axis.
      package var x: Double
      /// The lower value.
      package var lower: Double
      /// The upper value.
      package var upper: Double
      /// The range at `x`.
      package init(_ x: Double, _ lower: Double, _ upper: Double) {
        self.x = x
        self.lower = lower
        self.upper = upper
      }
    }
    /// The label at the upper right end of the band; nil for none.
    package var label: String?
    /// The color.
    package var color: Palette
    /// The opacity from 0 (invisible) to 1 (full color).
    package var opacity: Double
    /// The edges, from left to right.
    package var edges: [Edge]
    /// A band along the edges.
    package init(label: String?, color: Palette, opacity: Double, edges: [Edge]) {
      self.label = label
      self.color = color
      self.opacity = opacity
      self.edges = edges
    }
  }

  /// A vertical line, such as the start of the forecast.
  package struct ReferenceLine: Sendable {
    /// The position on the horizontal axis.
    package var x: Double
    /// The label.
    package var label: String
    /// A line at `x` with a label at its top.
    package init(_ x: Double, label: String) {
      self.x = x
      self.label = label
    }
  }

  /// A text within the plot, next to a point, placed so that it covers no line.
  package struct Annotation: Sendable {
    /// The position on the horizontal axis.
    package var x: Double
    /// The value on the vertical axis.
    package var y: Double
    /// The text.
    package var text: String
    /// The color.
    package var color: Palette
    /// Whether a position above the point is tried first.
    package var isAbove: Bool
    /// A text next to the point (`x`, `y`).
    package init(_ x: Double, _ y: Double, text: String, color: Palette, isAbove: Bool) {
      self.x = x
      self.y = y
      self.text = text
      self.color = color
      self.isAbove = isAbove
    }
  }
}

/// Why a chart could not be drawn.
package struct ChartError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The cause.
  package enum Kind: String, Sendable {
    /// gnuplot is not on the PATH.
    case missing
    /// The chart's file cannot be written.
    case cannotWrite
    /// A chart without values, or a file name that is neither .png nor .svg.
    case invalid
    /// gnuplot ran and drew nothing; the message contains its output.
    case failed
  }

  /// The cause.
  package let kind: Kind
  /// What failed, in one line.
  package let message: String
  /// How to fix it, without a capital and a period.
  package let hint: String

  /// An error with its cause, message and hint.
  package init(_ kind: Kind, _ message: String, hint: String) {
    self.kind = kind
    self.message = message
    self.hint = hint
  }

  /// The message and the hint.
  package var description: String { "\(message); \(hint)" }
}

/// Colors that are distinguishable with any color vision (Okabe & Ito 2008), without those that have low contrast on white.
package enum Palette: Sendable, CaseIterable {
  case black, blue, vermillion, green, purple, orange, sky, grey

  /// The color of lines and marks, as `#RRGGBB`.
  package var line: String {
    switch self {
    case .black: "#000000"
    case .blue: "#0072B2"
    case .vermillion: "#D55E00"
    case .green: "#009E73"
    case .purple: "#CC79A7"
    case .orange: "#E69F00"
    case .sky: "#56B4E9"
    case .grey: "#767676"
    }
  }

  /// The color of text, as `#RRGGBB`: the same hue with a contrast of at least 4.5:1 on white.
  package var text: String {
    switch self {
    case .black: "#000000"
    case .blue: "#00639B"
    case .vermillion: "#B04E00"
    case .green: "#00775A"
    case .purple: "#A24B7B"
    case .orange: "#8A5F00"
    case .sky: "#1F74A8"
    case .grey: "#5F5F5F"
    }
  }

  /// The colors of a chart's regions, in their order; the total is black.
  package static let regions: [Palette] = [.blue, .vermillion, .green, .purple, .orange, .sky, .grey]
}
