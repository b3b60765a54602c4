/// The file format of a chart.
public enum ImageFormat: String, Sendable, CaseIterable {
  case png, svg

  /// The format for the file's extension. Throws a ``ChartError`` (`invalid`) for another extension.
  public init(path: String) throws(ChartError) {
    let parts = path.split(separator: "/").last?.split(separator: ".", omittingEmptySubsequences: false) ?? []
    guard parts.count > 1, let format = Self(rawValue: parts.last?.lowercased() ?? "") else {
      throw ChartError(.invalid, "\(path) is neither .png nor .svg", advice: "use one of these file extensions")
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
  func finished(_ picture: String, title: String) -> String {
    let escaped = title.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    let family = "font-family=\"\(Self.font), Verdana, sans-serif\""
    return picture.replacing("font-family=\"\(Self.font):Bold\"", with: "\(family) font-weight=\"bold\"")
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
