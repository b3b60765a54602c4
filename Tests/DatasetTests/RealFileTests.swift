import Testing

@testable import Dataset

@Suite struct RealFileTests {
  @Test func `the first message has the documented bytes`() throws {
    let resource = try RealData.resource()
    let csv = try RealData.bytes("netflix_revenue_updated.csv")
    let rows = try typedRows(String(decoding: csv, as: UTF8.self), resource)
    #expect(rows.count == 21)
    #expect(encodedKey(rows[0], resource) == "2019-03-31")
    #expect(
      encoded(rows[0], resource)
        == #"{"date":"2019-03-31","global_revenue":4520992000,"ucan_revenue":2256851000,"emea_revenue":1233379000,"latm_revenue":630472000,"apac_revenue":319602000,"ucan_members":66633000,"emea_members":42542000,"latm_members":27547000,"apac_members":12141000,"ucan_arpu":11.45,"emea_arpu":10.23,"latm_arpu":7.84,"apac_arpu":9.37,"total_members":148863000}"#
    )
  }

  @Test func `the digits of the source are kept`() throws {
    let resource = try RealData.resource()
    let rows = try typedRows(String(decoding: RealData.bytes("netflix_revenue_updated.csv"), as: UTF8.self), resource)
    let arpu = try #require(resource.field(column: "ucan_arpu"))
    #expect(rows.map { $0.string(at: arpu) }.suffix(4) == ["16", "16.29", "16.64", "17.3"])
  }

  @Test func `every row survives encoding and decoding`() throws {
    let resource = try RealData.resource()
    var decoder = MessageDecoder(resource: resource)
    for row in try typedRows(String(decoding: RealData.bytes("netflix_revenue_updated.csv"), as: UTF8.self), resource) {
      var back = Row()
      try decoder.decode(Array(encoded(row, resource).utf8).span, into: &back)
      #expect(back == row)
      try decoder.decodeAny(Array(encoded(row, resource).utf8).span, into: &back)
      #expect(back == row)
    }
  }

  @Test func `chunks of any size give the same rows`() throws {
    let resource = try RealData.resource()
    let csv = try RealData.bytes("netflix_revenue_updated.csv")
    let whole = try readRows(csv, resource)
    #expect(whole.count == 21)
    for size in [1, 2, 3, 7, 64, 149, 150, 151] { #expect(try readRows(csv, resource, by: size) == whole) }
  }

  @Test func `the description has the star mapping and rules that the warehouse needs`() throws {
    let resource = try RealData.resource()
    #expect(resource.topic == "netflix")
    #expect(resource.table == "netflix_raw")
    #expect(resource.primaryKey == [0])
    let star = try #require(resource.star)
    #expect(star.period == .quarter)
    #expect(star.regions.map(\.name) == ["Global", "UCAN", "EMEA", "LATM", "APAC"])
    #expect(star.total == 0)
    #expect(
      star.metrics == [
        StarMapping.Metric(name: "revenue", title: "Revenue", kind: .flow, unit: "USD", decimals: 0),
        StarMapping.Metric(name: "memberships", title: "Paid memberships", kind: .stock, unit: "memberships", decimals: 0),
        StarMapping.Metric(name: "arpu", title: "Average revenue per membership", kind: .ratio, unit: "USD a month", decimals: 2),
      ])
    #expect(star.regions[0].fields == [1, 14, nil])
    #expect(star.regions[2].fields == [3, 7, 11])
    #expect(resource.rules.map(\.severity) == [.error, .error, .error, .warning, .warning, .warning])
  }
}
