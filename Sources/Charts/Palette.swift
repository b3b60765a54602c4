/// Colours that people of any colour vision tell apart (Okabe & Ito 2008), those of them that stand out on white.
public enum Palette: Sendable, CaseIterable {
  case black, blue, vermillion, green, purple, orange, sky, grey

  /// For lines and marks.
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

  /// For words: the same hue, dark enough to be read on white (contrast of at least 4.5 to 1).
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

  /// For the series of a chart one after the other; the whole before its parts is black.
  public static let regions: [Palette] = [.blue, .vermillion, .green, .purple, .orange, .sky, .grey]
}
