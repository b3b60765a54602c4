/// The gnuplot commands of a chart.
struct GnuplotScript {
  let chart: Chart
  let format: ImageFormat
  private let scale: Scale

  /// Margins of the plot in pixels, and the width of a character at the labels' size.
  private static let top = 176.0
  private static let bottom = 138.0
  private static let labelSize = 19.0
  private static let characterWidth = 14.4
  private static let labelHeight = 33.0
  /// The width of a character at the size of notes.
  private static let noteWidth = 11.2
  /// From the axis to its unit: half of the last tick's label, and a space.
  private static let unitGap = 34.0

  init(_ chart: Chart, format: ImageFormat) throws(ChartError) {
    let values = chart.series.flatMap { $0.points.compactMap(\.y) } + chart.bands.flatMap { $0.edges.flatMap { [$0.lower, $0.upper] } }
    let positions = chart.series.flatMap { $0.points.map(\.x) } + chart.bands.flatMap { $0.edges.map(\.x) }
    guard !values.isEmpty, (values + positions).allSatisfy({ $0.isFinite && $0.magnitude < 1e100 }) else {
      throw ChartError(.invalid, "“\(chart.title)” has no values that can be drawn", hint: "give it finite values")
    }
    self.chart = chart
    self.format = format
    scale = Scale(values, fromZero: chart.y.fromZero)
  }

  var text: String {
    (head + axes + words + splits + notes + data + endLabels + [plot]).joined(separator: "\n") + "\n"
  }

  private var head: [String] {
    [
      "set encoding utf8", "set terminal \(format.terminal)", "unset key", "set datafile separator whitespace",
      "set lmargin at screen \(left / ImageFormat.width)", "set rmargin at screen \(1 - right / ImageFormat.width)",
      "set tmargin at screen \(1 - Self.top / ImageFormat.height)", "set bmargin at screen \(Self.bottom / ImageFormat.height)",
    ]
  }

  private var axes: [String] {
    let marks = chart.x.ticks.map { "\(GnuplotText.quoted($0.label)) \($0.position)" }.joined(separator: ", ")
    let heights = zip(heightLabels, scale.ticks).map { "'\($0)' \($1)" }.joined(separator: ", ")
    let groups = chart.x.ticks.filter { !$0.group.isEmpty }.map {
      "set label \(GnuplotText.quoted($0.group)) at first \($0.position), screen \((Self.bottom - 66) / ImageFormat.height) center \(font(17, bold: true)) tc rgb '#333333'"
    }
    return [
      "set border 1 lc rgb '#767676' lw 1.5", "set xrange [\(chart.x.range.lowerBound):\(chart.x.range.upperBound)]",
      "set yrange [\(scale.lower):\(scale.upper)]", "set xtics (\(marks)) nomirror out scale 0.6 \(font(16)) tc rgb '#333333'",
      "set ytics (\(heights)) nomirror scale 0 \(font(17)) tc rgb '#333333'", "set grid ytics back lt 1 lc rgb '#DDDDDD' lw 1.5",
    ] + groups
  }

  private var words: [String] {
    func line(_ text: String, fromTop: Double, _ size: Double, _ color: String, bold: Bool = false) -> String {
      // A long text is drawn smaller, down to three quarters, and then truncated.
      let widest = (ImageFormat.width - 70) / (bold ? 0.86 : 0.68)
      let size = max(size * 0.75, min(size, widest / Double(max(1, text.count))))
      let most = Int(widest / size)
      return "set label \(GnuplotText.quoted(GnuplotText.fitted(text, most))) at screen \(30 / ImageFormat.width), "
        + "screen \(1 - fromTop / ImageFormat.height) left \(font(size, bold: bold)) tc rgb '\(color)'"
    }
    return [
      line(chart.title, fromTop: 44, 27, "#111111", bold: true), line(chart.subtitle, fromTop: 92, 19, "#444444"),
      line(chart.y.unit, fromTop: 144, 17, "#333333"),
      "set label \(GnuplotText.quoted(chart.x.unit)) at screen \((ImageFormat.width - right + Self.unitGap) / ImageFormat.width), "
        + "screen \((Self.bottom - 30) / ImageFormat.height) left \(font(16)) tc rgb '#333333'",
      line(chart.source, fromTop: ImageFormat.height - 24, 15, "#5F5F5F"),
    ]
  }

  private var splits: [String] {
    chart.splits.flatMap { split in
      [
        "set arrow from first \(split.x), graph 0 to first \(split.x), graph 1 nohead dt (6,6) lc rgb '#767676' lw 2 back",
        "set label \(GnuplotText.quoted(split.label)) at first \(split.x), graph 1 offset character -0.6,-0.7 right \(font(16)) tc rgb '#444444'",
      ]
    }
  }

  private var notes: [String] {
    let (width, height) = (ImageFormat.width - left - right, ImageFormat.height - Self.top - Self.bottom)
    let perX = width / (chart.x.range.upperBound - chart.x.range.lowerBound)
    let perY = height / (scale.upper - scale.lower)
    func pixels(_ x: Double, _ y: Double) -> (x: Double, y: Double) { ((x - chart.x.range.lowerBound) * perX, (y - scale.lower) * perY) }
    var lines = chart.series.map { series in series.points.compactMap { point in point.y.map { pixels(point.x, $0) } } }
    for band in chart.bands {
      lines.append(band.edges.map { pixels($0.x, $0.lower) })
      lines.append(band.edges.map { pixels($0.x, $0.upper) })
    }
    for split in chart.splits { lines.append([pixels(split.x, scale.lower), pixels(split.x, scale.upper)]) }
    let placement = AnnotationPlacement(lines: lines, width: width, height: height)
    return chart.notes.map { note in
      let point = pixels(note.x, note.y)
      let place = placement.place(
        nearX: point.x, y: point.y, above: note.isAbove, textWidth: GnuplotText.width(note.text) * Self.noteWidth,
        lineHeight: Self.labelHeight)
      return "set label \(GnuplotText.quoted(note.text)) at graph \(place.x / width), graph \(place.y / height) left front "
        + "\(font(16)) tc rgb '\(note.color.text)'"
    }
  }

  private var data: [String] {
    var blocks: [String] = []
    for (index, band) in chart.bands.enumerated() {
      blocks += ["$band\(index) << EOD"] + band.edges.map { "\($0.x) \($0.lower) \($0.upper)" } + ["EOD"]
    }
    for (index, series) in chart.series.enumerated() {
      blocks += ["$series\(index) << EOD"] + series.points.map { point in point.y.map { "\(point.x) \($0)" } ?? "" } + ["EOD"]
    }
    return blocks
  }

  private var plot: String {
    let bands = chart.bands.enumerated().map { index, band in
      "$band\(index) using 1:2:3 with filledcurves fc rgb '\(Self.mixed(band.color.line, band.opacity))' fs solid noborder"
    }
    let lines = chart.series.enumerated().map { index, series in
      let color = "rgb '\(series.color.line)'"
      let style =
        switch series.style {
        case .line: "lines lw 4.5 lc \(color)"
        case .dashed: "lines lw 4.5 dt (10,5) lc \(color)"
        case .thin: "lines lw 1.8 lc \(color)"
        case .marks: "points pt 7 ps 1.1 lc \(color)"
        case .markedLine: "linespoints lw 4.5 pt 7 ps 1.5 lc \(color)"
        }
      return "$series\(index) using 1:2 with \(style)"
    }
    return "plot " + (bands + lines).joined(separator: ", \\\n  ")
  }

  /// Each line's label at its end; overlapping labels are moved apart and get a leader line.
  private var endLabels: [String] {
    let ends = Self.ends(chart)
    let unit = (scale.upper - scale.lower) / (ImageFormat.height - Self.top - Self.bottom)
    let room = (scale.lower + unit * Self.labelHeight / 2)...(scale.upper + unit * Self.labelHeight / 2)
    let heights = LabelLayout.spread(ends.map(\.y), gap: unit * Self.labelHeight, in: room)
    let edge = chart.x.range.upperBound
    let perPixel = (edge - chart.x.range.lowerBound) / (ImageFormat.width - left - right)
    return zip(ends, heights).flatMap { end, height in
      let moved = (height - end.y).magnitude > unit * 5
      let leader =
        "set arrow from first \(end.x + 8 * perPixel), first \(end.y) to first \(edge + 14 * perPixel), first \(height) nohead lw 1.2 lc rgb '\(end.color.line)'"
      let label =
        "set label \(GnuplotText.quoted(end.text)) at first \(edge + 20 * perPixel), first \(height) left \(font(Self.labelSize)) tc rgb '\(end.color.text)'"
      return moved ? [leader, label] : [label]
    }
  }

  private static func ends(_ chart: Chart) -> [(text: String, x: Double, y: Double, color: Palette)] {
    let lines = chart.series.compactMap { series -> (text: String, x: Double, y: Double, color: Palette)? in
      guard let label = series.label, let last = series.points.last(where: { $0.y != nil }), let y = last.y else { return nil }
      return (GnuplotText.fitted(label, 28), last.x, y, series.color)
    }
    let bands = chart.bands.compactMap { band -> (text: String, x: Double, y: Double, color: Palette)? in
      guard let label = band.label, let last = band.edges.last else { return nil }
      return (GnuplotText.fitted(label, 28), last.x, last.upper, band.color)
    }
    return lines + bands
  }

  private var heightLabels: [String] { scale.ticks.map { AxisLabelNumber.text($0, decimals: scale.decimals) } }

  /// The left margin has room for the longest axis label, including a minus sign.
  private var left: Double {
    max(105, 38 + (heightLabels.map { GnuplotText.width($0) }.max() ?? 0) * Self.characterWidth)
  }

  /// The right margin has room for the longest label.
  private var right: Double {
    let longest = Self.ends(chart).map { GnuplotText.width($0.text) }.max() ?? 0
    return max(
      longest == 0 ? 40 : 50 + longest * Self.characterWidth, Self.unitGap + 10 + GnuplotText.width(chart.x.unit) * Self.characterWidth)
  }

  private func font(_ size: Double, bold: Bool = false) -> String {
    "font '\(ImageFormat.font)\(bold ? ":Bold" : ""),\(AxisLabelNumber.text(size * format.fontScale, decimals: 1))'"
  }

  /// A color blended with white: bands are opaque, so that overlapping bands do not get darker.
  private static func mixed(_ hex: String, _ opacity: Double) -> String {
    let value = Int(hex.dropFirst(), radix: 16) ?? 0
    func channel(_ shift: Int) -> String {
      let own = Double((value >> shift) & 255)
      let digits = String(Int((255 - (255 - own) * max(0, min(1, opacity))).rounded()), radix: 16)
      return digits.count == 1 ? "0" + digits : digits
    }
    return "#" + channel(16) + channel(8) + channel(0)
  }
}

/// The file format of a chart.
package enum ImageFormat: String, Sendable, CaseIterable {
  case png, svg

  /// The format for the file's extension. Throws a ``ChartError`` (`invalid`) for another extension.
  package init(path: String) throws(ChartError) {
    let parts = path.split(separator: "/").last?.split(separator: ".", omittingEmptySubsequences: false) ?? []
    guard parts.count > 1, let format = Self(rawValue: parts.last?.lowercased() ?? "") else {
      throw ChartError(.invalid, "\(path) is neither .png nor .svg", hint: "use one of these file extensions")
    }
    self = format
  }

  /// Sized for a README: 1600 pixels wide, shown at about half of that.
  static let width = 1600.0
  static let height = 900.0
  static let font = "DejaVu Sans"

  var terminal: String {
    let size = "size \(Int(Self.width)),\(Int(Self.height))"
    return switch self {
    case .png: "pngcairo \(size) noenhanced font '\(Self.font),16' background '#ffffff'"
    case .svg: "svg \(size) dynamic noenhanced font '\(Self.font),16' background '#ffffff'"
    }
  }

  /// Corrects the font size: pngcairo's points are larger than svg's units.
  var fontScale: Double { self == .png ? 1 : 1.333 }

  /// gnuplot's SVG uses the font with its weight as the family name and has no fallback fonts; its
  /// title, which a screen reader reads, is "Gnuplot". Both are replaced.
  func finished(_ image: String, title: String) -> String {
    let escaped = title.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    let family = "font-family=\"\(Self.font), Verdana, sans-serif\""
    return image.replacing("font-family=\"\(Self.font):Bold\"", with: "\(family) font-weight=\"bold\"")
      .replacing("font-family=\"\(Self.font)\"", with: family)
      .replacing("<title>Gnuplot</title>", with: "<title>\(escaped)</title>", maxReplacements: 1)
  }

  /// The last bytes of a complete file of this format.
  var ending: [UInt8] {
    switch self {
    case .png: [0x49, 0x45, 0x4E, 0x44, 0xAE, 0x42, 0x60, 0x82]
    case .svg: Array("</svg>".utf8)
    }
  }
}
