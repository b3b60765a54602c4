import Dataset
import Testing
import Warehouse

@Suite struct AnalysisTests {
  private func analysis(_ data: SampleDataset) throws -> Analysis { Analysis(try data.snapshot()) }

  @Test func `growth of global revenue: on the quarter, on the year, and annual since Q1 2019`() throws {
    let growth = try #require(try analysis(SampleDataset.real()).growth.first { $0.region == "Global" && $0.metric == "revenue" })
    #expect(growth.latest.text == "9370440000")
    #expect(growth.date.iso == "2024-03-31")
    // 9370440000 / 8832825000, 9370440000 / 8161503000, (9370440000 / 4520992000)^(1/5).
    #expect(abs((growth.periodOverPeriod ?? 0) - 0.0608656) < 1e-6)
    #expect(abs((growth.yearOverYear ?? 0) - 0.1481267) < 1e-6)
    #expect(abs((growth.cagr ?? 0) - 0.1569251) < 1e-6)
    #expect(growth.cagrFrom?.iso == "2019-03-31")
  }

  @Test func `the annual rate starts at the first quarter of the same season`() throws {
    let data = try SampleDataset.real()
    let lines = data.csv.split(separator: "\n").filter { !$0.hasPrefix("31-03-2019") }
    let growth = try analysis(SampleDataset(resource: data.resource, csv: lines.joined(separator: "\n"))).growth.first
    #expect(growth?.cagrFrom?.iso == "2020-03-31")
  }

  @Test func `shares are fractions of the regions' sum and add up to one`() throws {
    let shares = try analysis(SampleDataset.real()).shares
    let revenue = shares.filter { $0.metric == "revenue" }
    #expect(revenue.map(\.region) == ["UCAN", "EMEA", "LATM", "APAC"])
    #expect(abs(revenue.map(\.latest).reduce(0, +) - 1) < 1e-12)
    #expect(abs(revenue[0].latest - 4224315000.0 / 9370400000) < 1e-12)
    #expect(shares.allSatisfy { $0.metric != "arpu" })
  }

  @Test func `members added are exact`() throws {
    let added = try analysis(SampleDataset.real()).netAdditions
    let all = try #require(added.first { $0.region == "Global" })
    #expect(added.count == 5)
    #expect(all.inPeriod?.text == "9326000")
    #expect(all.inYear?.text == "37104000")
    #expect(all.sinceFirst?.text == "120739000")
    #expect(all.most?.date.iso == "2020-03-31")
    #expect(all.most?.amount.text == "15766000")
    #expect(all.least?.amount.text == "-969000")
  }

  @Test func `the ARPU trend: first, latest, lowest, highest`() throws {
    let development = try analysis(SampleDataset.real()).ratioTrends
    #expect(development.map(\.region) == ["UCAN", "EMEA", "LATM", "APAC"])
    let emea = development[1]
    #expect([emea.first, emea.latest, emea.lowest, emea.highest].map(\.value.text) == ["10.23", "10.92", "10.13", "11.66"])
    #expect(emea.lowest.date.iso == "2019-06-30")
    #expect(abs((emea.change ?? 0) - 0.0674487) < 1e-6)
  }

  @Test func `seasonal indexes of a seasonal series are found, and are one on average`() throws {
    // A trend of 2 % a quarter times 0.9, 1.0, 1.0, 1.1.
    let data = try SampleDataset.real()
    var level = 1_000_000.0
    var rows = [String(data.csv.prefix { $0 != "\n" })]
    for index in 0..<24 {
      let value = Int(level * [0.9, 1.0, 1.0, 1.1][index % 4])
      let date = ["31-03", "30-06", "30-09", "31-12"][index % 4] + "-\(2000 + index / 4)"
      rows.append(date + String(repeating: ",\(value)", count: 14))
      level *= 1.02
    }
    let seasonality = try #require(
      try analysis(SampleDataset(resource: data.resource, csv: rows.joined(separator: "\n"))).seasonality.first)
    #expect(seasonality.seasons.map(\.name) == ["Q1", "Q2", "Q3", "Q4"])
    for (season, expected) in zip(seasonality.seasons, [0.9, 1.0, 1.0, 1.1]) { #expect(abs(season.index - expected) < 0.002) }
    #expect(abs(seasonality.seasons.map(\.index).reduce(0, +) - 4) < 1e-12)
  }

  @Test func `gaps, zeros and short series give nil instead of a wrong figure`() throws {
    let analysis = try analysis(SampleDataset.monthly())
    #expect(analysis.seasonality.isEmpty)
    let north = try #require(analysis.growth.first { $0.region == "north" })
    // March is missing: April has no previous value. There is no growth on a value that is not above zero.
    #expect(north.periodOverPeriod == nil)
    #expect(north.yearOverYear == nil)
    #expect(north.cagr == nil)
    #expect(analysis.shares.map(\.date.iso) == ["2024-02-29", "2024-02-29"])
  }

  @Test func `the tables fit a terminal`() throws {
    let lines = try analysis(SampleDataset.real()).lines
    #expect(lines.allSatisfy { $0.count <= 120 })
    #expect(
      lines.dropFirst(2).prefix(7) == [
        "Revenue, USD", "                Q1 2024  on quarter  on year  a year since Q1 2019",
        "  Global  9,370,440,000      +6.1 %  +14.8 %               +15.7 %",
        "  UCAN    4,224,315,000     +17.5 %  +17.1 %               +13.4 %",
        "  EMEA    2,958,153,000      +6.3 %  +17.5 %               +19.1 %",
        "  LATM    1,165,008,000      +0.8 %   +8.9 %               +13.1 %",
        "  APAC    1,022,924,000      +6.3 %   +9.6 %               +26.2 %",
      ])
  }
}
