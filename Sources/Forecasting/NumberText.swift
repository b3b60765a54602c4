import Glibc

/// Formats numbers for sentences, without Foundation's formatter.
enum NumberText {
  /// The value with a fixed number of decimal places: "0.463".
  static func text(_ value: Double, places: Int) -> String {
    guard value.isFinite, value.magnitude < 1e15 else { return "\(value)" }
    let unit = (0..<places).reduce(1) { whole, _ in whole * 10 }
    let scaled = Int((value.magnitude * Double(unit)).rounded())
    let sign = value < 0 && scaled != 0 ? "−" : ""
    guard places > 0 else { return "\(sign)\(scaled)" }
    let fraction = String(scaled % unit)
    return "\(sign)\(scaled / unit).\(String(repeating: "0", count: places - fraction.count))\(fraction)"
  }
}
