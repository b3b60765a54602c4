/// A series as trend + season + remainder, and how strong the season is in it.
///
/// Trend: a centred moving average over one season (2×m where m is even), carried on along its end slope where it lacks values. Season: the
/// mean of each place in the year, summing to nought. Done twice, the second trend being of the series without its season (classical
/// decomposition, Hyndman & Athanasopoulos 2021, §3.4, with the ends filled).
public struct SeasonalDecomposition: Sendable {
  public let trend: [Double]
  /// One value a place in the season, the series' first place first.
  public let seasonal: [Double]
  public let remainder: [Double]

  /// Above it the season is differenced, as R's `forecast::nsdiffs` does.
  public static let limit = 0.64

  /// Nil without a season, or with less than two and a bit of them.
  public init?(_ series: TimeSeries) {
    let (m, y) = (series.period, series.values)
    guard m > 1, y.count >= 2 * m + 1 else { return nil }
    var season = [Double](repeating: 0, count: m)
    var trend: [Double] = []
    for _ in 0..<2 {
      trend = Self.movingAverage(y.indices.map { y[$0] - season[$0 % m] }, m)
      let place = (0..<m).map { place in
        let all = stride(from: place, to: y.count, by: m).map { y[$0] - trend[$0] }
        return all.reduce(0, +) / Double(all.count)
      }
      let mean = place.reduce(0, +) / Double(m)
      season = place.map { $0 - mean }
    }
    self.trend = trend
    seasonal = season
    remainder = y.indices.map { y[$0] - trend[$0] - season[$0 % m] }
  }

  /// max(0, 1 − var(remainder) / var(season + remainder)): 0 for none, 1 for nothing else (Wang, Smith & Hyndman 2006).
  public var strength: Double {
    let m = seasonal.count
    let both = Self.variance(remainder.indices.map { remainder[$0] + seasonal[$0 % m] })
    return both > 0 ? max(0, 1 - Self.variance(remainder) / both) : 0
  }

  private static func variance(_ x: [Double]) -> Double {
    let mean = x.reduce(0, +) / Double(x.count)
    return x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(x.count)
  }

  private static func movingAverage(_ y: [Double], _ m: Int) -> [Double] {
    let half = m / 2
    var result = [Double](repeating: 0, count: y.count)
    for t in half..<(y.count - half) {
      var sum = y[(t - half)...(t + half)].reduce(0, +)
      if m.isMultiple(of: 2) { sum -= (y[t - half] + y[t + half]) / 2 }
      result[t] = sum / Double(m)
    }
    let last = y.count - half - 1
    let reach = max(1, min(half, last - half))
    let (rise, fall) = ((result[half + reach] - result[half]) / Double(reach), (result[last] - result[last - reach]) / Double(reach))
    for t in 0..<half { result[t] = result[half] - rise * Double(half - t) }
    for t in (last + 1)..<max(last + 1, y.count) { result[t] = result[last] + fall * Double(t - last) }
    return result
  }
}
