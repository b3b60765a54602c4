/// What a picture can be written as.
public enum ImageFormat: String, Sendable, CaseIterable {
  case png, svg

  /// By the file's extension. Throws `invalid`.
  public init(path: String) throws(ChartError) {
    let parts = path.split(separator: "/").last?.split(separator: ".", omittingEmptySubsequences: false) ?? []
    guard parts.count > 1, let format = Self(rawValue: parts.last?.lowercased() ?? "") else {
      throw ChartError(.invalid, "\(path) is neither .png nor .svg", advice: "name the picture's file so")
    }
    self = format
  }

  /// Drawn for a README: 1600 wide, shown at about half of that.
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

  /// pngcairo's points are larger than svg's units: one size for both.
  var fontScale: Double { self == .png ? 1 : 1.333 }

  /// gnuplot's SVG takes the whole font, weight and all, for a family, and names no other that may stand in for it; its
  /// title, which a screen reader tells, is its own name.
  func finished(_ picture: String, title: String) -> String {
    let escaped = title.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    let family = "font-family=\"\(Self.font), Verdana, sans-serif\""
    return picture.replacing("font-family=\"\(Self.font):Bold\"", with: "\(family) font-weight=\"bold\"")
      .replacing("font-family=\"\(Self.font)\"", with: family)
      .replacing("<title>Gnuplot</title>", with: "<title>\(escaped)</title>", maxReplacements: 1)
  }

  /// How a whole file of this format ends.
  var ending: [UInt8] {
    switch self {
    case .png: [0x49, 0x45, 0x4E, 0x44, 0xAE, 0x42, 0x60, 0x82]
    case .svg: Array("</svg>".utf8)
    }
  }
}
