import Glibc

/// The text of a number on an axis.
public enum AxisLabelNumber {
  /// The maximum number of decimals; more are hard to read.
  public static let mostDecimals = 12

  /// The number with fixed decimals and thousands separators: 1,234.5; in scientific notation beyond ``mostDecimals``: 1.23e−15.
  public static func text(_ value: Double, decimals: Int) -> String {
    if decimals > mostDecimals { return scientific(value) }
    let unit = pow(10, Double(max(0, decimals)))
    let scaled = (value.magnitude * unit).rounded()
    guard scaled.isFinite, scaled < 1e15 else { return "\(value)" }
    let whole = Int64(scaled)
    let divisor = Int64(unit)
    var digits = String(whole / divisor)
    var grouped = ""
    while digits.count > 3 {
      grouped = "," + digits.suffix(3) + grouped
      digits.removeLast(3)
    }
    let fraction = String(whole % divisor)
    let tail = decimals > 0 ? "." + String(repeating: "0", count: decimals - fraction.count) + fraction : ""
    return (value < 0 && whole != 0 ? "−" : "") + digits + grouped + tail
  }

  /// The number of decimals that shows three significant digits of a value.
  public static func decimals(showing value: Double) -> Int {
    guard value.isFinite, value != 0 else { return 2 }
    return min(max(0, 2 - Int(floor(log10(value.magnitude)))), mostDecimals + 1)
  }

  private static func scientific(_ value: Double) -> String {
    guard value.isFinite, value != 0 else { return value == 0 ? "0" : "\(value)" }
    var exponent = Int(floor(log10(value.magnitude)))
    var mantissa = text(value.magnitude / pow(10, Double(exponent)), decimals: 2)
    if mantissa == "10.00" { (mantissa, exponent) = ("1.00", exponent + 1) }
    return "\(value < 0 ? "−" : "")\(mantissa)e\(exponent < 0 ? "−" : "+")\(exponent.magnitude)"
  }
}
