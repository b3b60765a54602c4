/// A picture of lines over time. Says what is drawn; `GnuplotScript` says how.
public struct Chart: Sendable {
  /// What the picture shows, as a sentence would say it.
  public var title: String
  public var subtitle: String
  /// Where the figures are from, under the picture.
  public var source: String
  public var x: XAxis
  public var y: YAxis
  public var bands: [Band] = []
  public var series: [PlotSeries] = []
  public var splits: [ReferenceLine] = []
  public var notes: [Annotation] = []

  public init(title: String, subtitle: String, source: String, x: XAxis, y: YAxis) {
    self.title = title
    self.subtitle = subtitle
    self.source = source
    self.x = x
    self.y = y
  }

  public struct XAxis: Sendable {
    public var ticks: [Tick]
    public var range: ClosedRange<Double>
    public init(ticks: [Tick], range: ClosedRange<Double>) {
      self.ticks = ticks
      self.range = range
    }
  }

  public struct Tick: Sendable, Equatable {
    public var position: Double
    /// Empty for a mark alone.
    public var label: String
    /// A second line under the label: the year under its first quarter.
    public var group: String
    public init(_ position: Double, _ label: String, group: String = "") {
      self.position = position
      self.label = label
      self.group = group
    }
  }

  public struct YAxis: Sendable {
    /// The unit, written above the axis: "US$ billion".
    public var unit: String
    /// Whether 0 is always on it.
    public var fromZero: Bool
    public init(unit: String, fromZero: Bool) {
      self.unit = unit
      self.fromZero = fromZero
    }
  }

  public struct Point: Sendable, Equatable {
    public var x: Double
    /// Nil where there is no value: the line has a gap.
    public var y: Double?
    public init(_ x: Double, _ y: Double?) {
      self.x = x
      self.y = y
    }
  }

  public struct PlotSeries: Sendable {
    public enum Style: Sendable { case line, dashed, thin, marks, markedLine }
    /// Written at the line's end, in its colour; nil for none.
    public var label: String?
    public var color: Palette
    public var style: Style
    public var points: [Point]
    public init(label: String?, color: Palette, style: Style = .line, points: [Point]) {
      self.label = label
      self.color = color
      self.style = style
      self.points = points
    }
  }

  /// A range that a value should lie in.
  public struct Band: Sendable {
    public struct Edge: Sendable {
      public var x: Double
      public var lower: Double
      public var upper: Double
      public init(_ x: Double, _ lower: Double, _ upper: Double) {
        self.x = x
        self.lower = lower
        self.upper = upper
      }
    }
    /// Written at the band's upper end.
    public var label: String?
    public var color: Palette
    /// 0 is unseen, 1 the full colour.
    public var opacity: Double
    public var edges: [Edge]
    public init(label: String?, color: Palette, opacity: Double, edges: [Edge]) {
      self.label = label
      self.color = color
      self.opacity = opacity
      self.edges = edges
    }
  }

  /// A vertical line: where the forecast begins.
  public struct ReferenceLine: Sendable {
    public var x: Double
    public var label: String
    public init(_ x: Double, label: String) {
      self.x = x
      self.label = label
    }
  }

  /// Words within the plot, beside a point of it where no line is.
  public struct Annotation: Sendable {
    public var x: Double
    public var y: Double
    public var text: String
    public var color: Palette
    /// On which side it is looked for first.
    public var isAbove: Bool
    public init(_ x: Double, _ y: Double, text: String, color: Palette, isAbove: Bool) {
      self.x = x
      self.y = y
      self.text = text
      self.color = color
      self.isAbove = isAbove
    }
  }
}
