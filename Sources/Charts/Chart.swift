/// The data of a line chart over time; `GnuplotScript` draws it.
public struct Chart: Sendable {
  /// The chart's message, as a short sentence.
  public var title: String
  /// A second, smaller line.
  public var subtitle: String
  /// The source of the data, below the chart.
  public var source: String
  /// The horizontal axis.
  public var x: XAxis
  /// The vertical axis.
  public var y: YAxis
  /// Shaded ranges, drawn first.
  public var bands: [Band] = []
  /// The lines.
  public var series: [PlotSeries] = []
  /// Vertical lines.
  public var splits: [ReferenceLine] = []
  /// Texts within the plot.
  public var notes: [Annotation] = []

  /// A chart without data.
  public init(title: String, subtitle: String, source: String, x: XAxis, y: YAxis) {
    self.title = title
    self.subtitle = subtitle
    self.source = source
    self.x = x
    self.y = y
  }

  /// A horizontal axis: its ticks and its range, in the units of the points' `x`. ``PeriodAxis`` makes those of dates.
  public struct XAxis: Sendable {
    /// The ticks, from left to right.
    public var ticks: [Tick]
    /// The range that is drawn.
    public var range: ClosedRange<Double>
    /// What the ticks count, right of the axis: "Quarter".
    public var unit: String
    /// An axis with the given ticks, range and unit.
    public init(ticks: [Tick], range: ClosedRange<Double>, unit: String) {
      self.ticks = ticks
      self.range = range
      self.unit = unit
    }
  }

  /// A tick with an optional label.
  public struct Tick: Sendable, Equatable {
    /// The position on the axis.
    public var position: Double
    /// The label; empty for a tick mark only.
    public var label: String
    /// A second line below the label, such as the year below its first quarter.
    public var group: String
    /// A tick at a position.
    public init(_ position: Double, _ label: String, group: String = "") {
      self.position = position
      self.label = label
      self.group = group
    }
  }

  /// A vertical axis; its ticks are computed.
  public struct YAxis: Sendable {
    /// The unit, above the axis: "US$ billion".
    public var unit: String
    /// Whether the axis always includes 0.
    public var fromZero: Bool
    /// An axis with the given unit.
    public init(unit: String, fromZero: Bool) {
      self.unit = unit
      self.fromZero = fromZero
    }
  }

  /// A point of a line.
  public struct Point: Sendable, Equatable {
    /// The position on the horizontal axis.
    public var x: Double
    /// The value; nil makes a gap in the line.
    public var y: Double?
    /// A point, or a gap if `y` is nil.
    public init(_ x: Double, _ y: Double?) {
      self.x = x
      self.y = y
    }
  }

  /// A line with its style and its label.
  public struct PlotSeries: Sendable {
    /// How the points are drawn.
    public enum Style: Sendable { case line, dashed, thin, marks, markedLine }
    /// The label at the line's end, in its color; nil for none.
    public var label: String?
    /// The color.
    public var color: Palette
    /// How the points are drawn.
    public var style: Style
    /// The points, from left to right.
    public var points: [Point]
    /// A line through the points.
    public init(label: String?, color: Palette, style: Style = .line, points: [Point]) {
      self.label = label
      self.color = color
      self.style = style
      self.points = points
    }
  }

  /// A shaded range, such as a prediction interval.
  public struct Band: Sendable {
    /// The lower and the upper value at one `x`.
    public struct Edge: Sendable {
      /// The position on the horizontal axis.
      public var x: Double
      /// The lower value.
      public var lower: Double
      /// The upper value.
      public var upper: Double
      /// The range at `x`.
      public init(_ x: Double, _ lower: Double, _ upper: Double) {
        self.x = x
        self.lower = lower
        self.upper = upper
      }
    }
    /// The label at the upper right end of the band; nil for none.
    public var label: String?
    /// The color.
    public var color: Palette
    /// The opacity from 0 (invisible) to 1 (full color).
    public var opacity: Double
    /// The edges, from left to right.
    public var edges: [Edge]
    /// A band along the edges.
    public init(label: String?, color: Palette, opacity: Double, edges: [Edge]) {
      self.label = label
      self.color = color
      self.opacity = opacity
      self.edges = edges
    }
  }

  /// A vertical line, such as the start of the forecast.
  public struct ReferenceLine: Sendable {
    /// The position on the horizontal axis.
    public var x: Double
    /// The label.
    public var label: String
    /// A line at `x` with a label at its top.
    public init(_ x: Double, label: String) {
      self.x = x
      self.label = label
    }
  }

  /// A text within the plot, next to a point, placed so that it covers no line.
  public struct Annotation: Sendable {
    /// The position on the horizontal axis.
    public var x: Double
    /// The value on the vertical axis.
    public var y: Double
    /// The text.
    public var text: String
    /// The color.
    public var color: Palette
    /// Whether a position above the point is tried first.
    public var isAbove: Bool
    /// A text next to the point (`x`, `y`).
    public init(_ x: Double, _ y: Double, text: String, color: Palette, isAbove: Bool) {
      self.x = x
      self.y = y
      self.text = text
      self.color = color
      self.isAbove = isAbove
    }
  }
}

/// Why a chart could not be drawn.
public struct ChartError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The cause.
  public enum Kind: String, Sendable {
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
  public let kind: Kind
  /// What failed, in one line.
  public let message: String
  /// How to fix it, without a capital and a period.
  public let hint: String

  /// An error with its cause, message and hint.
  public init(_ kind: Kind, _ message: String, hint: String) {
    self.kind = kind
    self.message = message
    self.hint = hint
  }

  /// The message and the hint.
  public var description: String { "\(message); \(hint)" }
}

/// Colors that are distinguishable with any color vision (Okabe & Ito 2008), without those that have low contrast on white.
public enum Palette: Sendable, CaseIterable {
  case black, blue, vermillion, green, purple, orange, sky, grey

  /// The color of lines and marks, as `#RRGGBB`.
  public var line: String {
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
  public var text: String {
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
  public static let regions: [Palette] = [.blue, .vermillion, .green, .purple, .orange, .sky, .grey]
}
