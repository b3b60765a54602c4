import Glibc

/// A number on an axis.
public enum Figure {
  /// With a fixed number of decimals and commas between thousands: 1,234.5.
  public static func text(_ value: Double, decimals: Int) -> String {
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
}
