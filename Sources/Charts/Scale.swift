import Glibc

/// Round tick values of a vertical axis.
struct Scale: Equatable {
  let lower: Double
  let upper: Double
  let step: Double
  let decimals: Int

  /// About `count` steps of 1, 2, 2.5 or 5 times a power of ten that cover all values.
  init(_ values: [Double], fromZero: Bool, count: Int = 6) {
    var low = values.min() ?? 0
    var high = values.max() ?? 1
    if fromZero {
      low = min(low, 0)
      high = max(high, 0)
    }
    if high - low <= max(low.magnitude, high.magnitude) * 1e-9 {
      // A single value gets a range around it.
      let room = max(low.magnitude, high.magnitude) / 2
      (low, high) = room > 0 ? (low - room, high + room) : (-1, 1)
    }
    let rough = (high - low) / Double(count)
    let power = pow(10, floor(log10(rough)))
    let step = ([1, 2, 2.5, 5].first { $0 * power >= rough * 0.999 } ?? 10) * power
    self.step = step
    lower = floor(low / step + 1e-9) * step
    upper = ceil(high / step - 1e-9) * step
    var decimals = 0
    while decimals <= AxisLabelNumber.mostDecimals,
      (step * pow(10, Double(decimals))).rounded() < step * pow(10, Double(decimals)) * 0.999999
        || (step * pow(10, Double(decimals))).rounded() > step * pow(10, Double(decimals)) * 1.000001
    { decimals += 1 }
    self.decimals = decimals
  }

  var ticks: [Double] {
    let count = Int(((upper - lower) / step).rounded())
    return (0...max(1, min(count, 40))).map { lower + Double($0) * step }
  }
}
