/// A series as trend + season + remainder, and the strength of the season.
///
/// Trend: a centered moving average over one season (2×m if m is even), extrapolated with its end slope where values are missing. Season: the mean of
/// each position in the year; the means sum to zero. This is done twice, and the second trend is that of the series without its season (classical
/// decomposition, Hyndman & Athanasopoulos 2021, §3.4, with filled ends).
package struct SeasonalDecomposition: Sendable {
  /// The trend, one value per value of the series.
  package let trend: [Double]
  /// One value per position in the season, starting with the position of the first value.
  package let seasonal: [Double]
  /// The series without trend and season.
  package let remainder: [Double]

  /// Above this strength a seasonal difference is taken, as in R's `forecast::nsdiffs`.
  package static let limit = 0.64

  /// Nil for a series without a season, or with fewer than two seasons and one value.
  package init?(_ series: TimeSeries) {
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

  /// max(0, 1 − var(remainder) / var(season + remainder)): 0 for no season, 1 for a season without remainder (Wang, Smith & Hyndman 2006).
  package var strength: Double {
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
