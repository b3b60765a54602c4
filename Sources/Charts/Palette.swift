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
