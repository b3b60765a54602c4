import Support
import Testing

@testable import Dataset

@Suite struct StarMappingTests {
  /// Other regions, months, one metric.
  private static let fields = """
    {"name": "Month", "type": "date"}, {"name": "All", "type": "number", "decimals": 1, "unit": "t"}, {"name": "North", "type": "integer", "unit": "t"},
    {"name": "South", "type": "number", "decimals": 3, "unit": "t"}, {"name": "Note"}, {"name": "Sold", "type": "integer", "unit": "pieces"}
    """

  private static func star(_ regions: String, metrics: String = #"{"name": "yield", "kind": "flow"}"#) -> String {
    #""star": {"fact": "fact_yield", "date": "month", "period": "month", "metrics": [\#(metrics)], "regions": [\#(regions)]}"#
  }

  @Test func `another dataset's regions, months and single metric`() throws {
    let resource = try makeResource(
      Self.fields, schema: #""primaryKey": "Month""#,
      resource: Self.star(
        #"{"name": "World", "total": true, "columns": {"yield": "all"}}, {"name": "N", "title": "North", "columns": {"yield": "north"}}, {"name": "S", "columns": {"yield": "south"}}"#
      ) + """
        , "rules": [{"name": "keys", "type": "unique"}, {"name": "months", "type": "gap-free", "severity": "warning"},
        {"name": "sum", "type": "sum", "metric": "yield", "tolerance": 0.05, "rest": {"title": "lost", "maximum": 2.5, "until": "2020-12-31"}},
        {"name": "again", "title": "No figure twice", "type": "no-repeat", "metrics": ["yield"]}]
        """)
    let star = try #require(resource.star)
    #expect(star.metrics == [StarMapping.Metric(name: "yield", title: "yield", kind: .flow, unit: "t", decimals: 3)])
    #expect(
      star.regions == [
        StarMapping.Region(name: "World", title: "World", isTotal: true, fields: [1]),
        StarMapping.Region(name: "N", title: "North", isTotal: false, fields: [2]),
        StarMapping.Region(name: "S", title: "S", isTotal: false, fields: [3]),
      ])
    #expect(
      resource.rules == [
        Rule(name: "keys", title: nil, severity: .error, check: .unique(fields: [0])),
        Rule(name: "months", title: nil, severity: .warning, check: .gapFree(field: 0, period: .month)),
        Rule(
          name: "sum", title: nil, severity: .error,
          check: .sum(
            Rule.Sum(
              metric: 0, tolerance: FixedDecimal(unscaled: 5, scale: 2),
              expectedResidual: Rule.ExpectedResidual(
                title: "lost", minimum: FixedDecimal(unscaled: 0), maximum: FixedDecimal(unscaled: 25, scale: 1),
                until: GregorianCalendar.days(year: 2020, month: 12, day: 31))))),
        Rule(name: "again", title: "No figure twice", severity: .error, check: .noRepeat(metrics: [0])),
      ])
  }

  @Test(
    arguments: [
      (star(#"{"name": "N", "columns": {"yield": "east"}}"#), "star.regions[0].columns.yield: there is no column \"east\""),
      (star(#"{"name": "N", "columns": {"loss": "north"}}"#), "star.regions[0].columns: there is no metric \"loss\""),
      (star(#"{"name": "N", "columns": {"yield": "note"}}"#), "star.regions[0].columns.yield: \"note\" is not a number"),
      (
        star(#"{"name": "N", "columns": {"yield": "north"}}, {"name": "S", "columns": {"yield": "north"}}"#),
        "star.regions[1].columns.yield: \"north\" is mapped twice"
      ),
      (
        star(#"{"name": "N", "columns": {"yield": "north"}}, {"name": "S", "columns": {"yield": "sold"}}"#),
        "star.metrics[0]: its columns have several units: pieces, t"
      ),
      (star(#"{"name": "N", "columns": {}}"#), "star.metrics[0]: no region has a column for \"yield\""),
      (
        star(#"{"name": "N", "columns": {"yield": "north"}}"#, metrics: #"{"name": "yield", "kind": "sum"}"#),
        "star.metrics[0].kind: \"sum\" is not one of flow, stock, ratio"
      ),
      (
        star(#"{"name": "N", "columns": {"yield": "north"}}"#) + #", "rules": [{"name": "s", "type": "sum", "metric": "yield"}]"#,
        "rules[0].metric: no region with \"total\": true has a column for it"
      ),
      (
        #""rules": [{"name": "s", "type": "sum", "metric": "yield"}]"#,
        "rules[0]: needs the resource's \"star\", which defines the metrics and regions"
      ),
      (#""rules": [{"name": "s", "type": "unique"}]"#, "rules[0]: needs \"columns\", since there is no primaryKey"),
      (#""rules": [{"name": "s", "type": "magic"}]"#, "rules[0].type: \"magic\" is not one of unique, gap-free, sum, ratio, no-repeat"),
    ])
  func `an invalid mapping is rejected`(resource: String, message: String) {
    let error = #expect(throws: DatasetError.self) { try makeResource(Self.fields, resource: resource) }
    #expect(error?.description.hasPrefix("d.json: resources[0].\(message)") == true, "\(error?.description ?? "")")
  }
}
