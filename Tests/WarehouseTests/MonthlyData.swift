import Dataset

extension SampleDataset {
  /// A second dataset: monthly dates, other regions, one metric with decimals, and no Swift code of its own.
  /// - Parameters: a text of the description, and its replacement.
  static func monthly(replacing old: String = "", _ new: String = "") throws -> SampleDataset {
    let description = old.isEmpty ? description : description.replacing(old, with: new)
    let package = try DataPackage(json: Array(description.utf8), file: "monthly.json")
    return SampleDataset(resource: try package.resource(named: nil, forCSV: nil), csv: csv)
  }

  /// The same with another name for its metric, also in its regions and rule.
  static func monthly(renamingMetric name: String) throws -> SampleDataset {
    let description = description.replacing(#""sales""#, with: "\"\(name)\"").replacing(
      "\"topic\": \"\(name)\"", with: #""topic": "sales""#)
    let package = try DataPackage(json: Array(description.utf8), file: "monthly.json")
    return SampleDataset(resource: try package.resource(named: nil, forCSV: nil), csv: csv)
  }

  private static let description = """
    {
      "name": "shops",
      "resources": [{
        "name": "shop-sales", "path": "sales.csv", "topic": "sales", "table": "sales_raw",
        "schema": {
          "primaryKey": "Month",
          "missingValues": ["", "-"],
          "fields": [
            {"name": "Month", "type": "date", "column": "month"},
            {"name": "All sales", "type": "number", "column": "all_sales", "decimals": 3, "unit": "EUR"},
            {"name": "North sales", "type": "number", "column": "north_sales", "decimals": 3, "unit": "EUR"},
            {"name": "South sales", "type": "number", "column": "south_sales", "decimals": 3, "unit": "EUR"}
          ]
        },
        "star": {
          "fact": "fact_sales", "date": "month", "period": "month",
          "metrics": [{"name": "sales", "title": "Sales", "kind": "flow"}],
          "regions": [
            {"name": "all", "total": true, "columns": {"sales": "all_sales"}},
            {"name": "north", "columns": {"sales": "north_sales"}},
            {"name": "south", "columns": {"sales": "south_sales"}}
          ]
        },
        "rules": [
          {"name": "months", "type": "gap-free", "severity": "error"},
          {"name": "adds-up", "type": "sum", "metric": "sales", "severity": "warning"}
        ]
      }]
    }
    """

  private static let csv = """
    Month,All sales,North sales,South sales
    2024-01-31,250.5,100.25,150.25
    2024-02-29,300,120.125,179.875
    2024-03-31,310.75,-,190
    2024-04-30,-20,-30.005,10.005

    """
}
