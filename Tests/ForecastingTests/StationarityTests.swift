import Testing

@testable import Forecasting

/// Results of statsmodels 0.15's `kpss(x, "c", nlags=…)` and `acorr_ljungbox`, and of scipy's `chi2.sf`.
@Suite("Tests of a series")
struct StationarityTests {
  @Test(
    arguments: [
      ("nile", 0, 2.5264564549208757), ("nile", 2, 1.3152264631776724), ("nile", 4, 0.96543490775266), ("lh", 2, 0.30690724512466006),
      ("lake-huron", 4, 0.8587410506917394), ("netflix-revenue", 2, 0.7855425093205822),
    ])
  func `KPSS matches statsmodels`(_ name: String, _ lags: Int, _ statistic: Double) throws {
    #expect(abs(Kpss(try Series.load(name).values, lags: lags).statistic - statistic) < 1e-9)
  }

  @Test func `KPSS uses ⌊3√n/13⌋ lags, and a constant is stationary`() {
    #expect([21, 100, 144, 1].map(Kpss.lags) == [1, 2, 2, 0])
    #expect(Kpss([Double](repeating: 3, count: 20)).isStationary)
    #expect(!Kpss((0..<20).map(Double.init)).isStationary)
  }

  @Test func `Ljung–Box matches statsmodels`() throws {
    let lh = try Series.load("lh").values
    #expect(abs(LjungBox(lh, fitted: 0, lags: 5).statistic - 22.673185) < 1e-6)
    #expect(abs((LjungBox(lh, fitted: 0, lags: 10).p ?? 0) - 0.004719) < 1e-6)
    #expect(abs(LjungBox(try Series.load("nile").values, fitted: 2, lags: 10).statistic - 88.126872) < 1e-6)
  }

  @Test func `Ljung–Box uses a fifth of the series, at most ten lags or two seasons, and at least three more than were fitted`() {
    #expect(LjungBox.lags(count: 100, fitted: 1, period: 1) == 10)
    #expect(LjungBox.lags(count: 131, fitted: 3, period: 12) == 24)
    #expect(LjungBox.lags(count: 20, fitted: 0, period: 4) == 4)
    #expect(LjungBox.lags(count: 20, fitted: 3, period: 4) == 6)
    #expect(LjungBox.lags(count: 4, fitted: 3, period: 4) == 3)
    #expect(LjungBox([1, 2, 1], fitted: 4, lags: 2).p == nil)
    #expect(LjungBox([], fitted: 0, lags: 0).p == nil)
    #expect(LjungBox([1, 1, 1, 1], fitted: 0, lags: 2).p == nil)
  }

  @Test(
    arguments: [
      (3.84145882, 1, 0.0500000000206984), (18.307, 10, 0.05000058909139812), (0.5, 3, 0.9188914116546758),
      (100, 10, 5.4497019829205215e-17),
      (0.001, 2, 0.9995001249791693), (5, 100, 1),
    ])
  func `the tail of χ² matches scipy`(_ x: Double, _ degrees: Int, _ tail: Double) {
    #expect(abs(ChiSquared.upperTail(x, degrees: degrees) / tail - 1) < 1e-9)
  }

  @Test func `a season's strength is near 1 for a purely seasonal series, and small without a season`() throws {
    let (season, noise): ([Double], [Double]) = ([0, 5, 1, -3], [0.1, -0.1, 0.2])
    let values: [Double] = (0..<40).map { (t: Int) -> Double in 0.1 * Double(t) + season[t % 4] + noise[t % 3] }
    let seasonal = try TimeSeries(values, period: 4)
    let decomposition = try #require(SeasonalDecomposition(seasonal))
    #expect(decomposition.strength > 0.98)
    for (found, put) in zip(decomposition.seasonal, [-0.75, 4.25, 0.25, -3.75]) { #expect(abs(found - put) < 0.15) }
    #expect((SeasonalDecomposition(try Series.load("nile", period: 4))?.strength ?? 1) < 0.2)
    #expect((SeasonalDecomposition(try Series.load("accident-deaths", period: 12))?.strength ?? 0) > 0.64)
    #expect(SeasonalDecomposition(try TimeSeries([1, 2, 3, 4, 5, 6, 7, 8], period: 4)) == nil)
    #expect(SeasonalDecomposition(try Series.load("nile")) == nil)
  }
}
