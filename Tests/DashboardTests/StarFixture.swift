import Dataset
import Warehouse

@testable import Dashboard

/// Another dataset: months, regions with special characters, two metrics, one of them with a gap, and a rule that one cell violates.
enum StarFixture {
  static let description = """
    {"name": "orchard", "resources": [{
      "name": "orchard", "title": "StarFixture", "path": "orchard.csv", "topic": "orchard", "table": "orchard_raw",
      "schema": {
        "primaryKey": "month",
        "fields": [
          {"name": "month", "type": "date"},
          {"name": "all", "type": "number", "unit": "EUR", "decimals": 2},
          {"name": "north", "type": "number", "unit": "EUR", "decimals": 2},
          {"name": "south", "type": "number", "unit": "EUR", "decimals": 2},
          {"name": "trees", "type": "integer"}
        ]
      },
      "star": {
        "fact": "fact_orchard", "date": "month", "period": "month",
        "metrics": [{"name": "sales", "title": "Sales", "kind": "flow"}, {"name": "trees", "title": "Trees", "kind": "stock"}],
        "regions": [
          {"name": "All", "title": "All", "total": true, "columns": {"sales": "all", "trees": "trees"}},
          {"name": "north", "title": "North", "columns": {"sales": "north"}},
          {"name": "s,&\\"outh", "title": "South & <Isles>", "columns": {"sales": "south"}}
        ]
      },
      "rules": [{"name": "adds-up", "title": "The regions add up", "type": "sum", "metric": "sales", "severity": "warning", "tolerance": 1}]
    }]}
    """

  /// North in December is 10 too low; South in February is missing.
  static let csv = """
    month,all,north,south,trees
    2023-01-31,100.50,50.25,50.25,1000
    2023-02-28,110.00,60.00,,1001
    2023-03-31,121.00,61.00,60.00,1010
    2023-04-30,133.10,66.10,67.00,1012
    2023-05-31,150.75,75.00,75.75,1013
    2023-06-30,160.00,80.00,80.00,1020
    2023-07-31,170.00,85.00,85.00,1022
    2023-08-31,175.00,86.00,89.00,1030
    2023-09-30,180.00,90.00,90.00,1031
    2023-10-31,186.00,93.00,93.00,1033
    2023-11-30,188.00,94.00,94.00,1040
    2023-12-31,190.00,85.00,95.00,1043
    2024-01-31,201.00,100.00,101.00,1044

    """

  static func resource() throws -> Resource {
    try DataPackage(json: Array(description.utf8), file: "datapackage.json").resource(named: nil, forCSV: nil)
  }

  static func reading(_ csv: String) throws -> LoadedData {
    let resource = try resource()
    var builder = try SnapshotBuilder(resource)
    var rest = Array(csv.utf8)[...]
    var count = 0
    let reader = CSVRows(resource: resource, file: "orchard.csv") { buffer in
      let taken = rest.prefix(buffer.count)
      for (index, byte) in taken.enumerated() { buffer[index] = byte }
      rest = rest.dropFirst(taken.count)
      return taken.count
    }
    try reader.forEachRow { row, _ in
      try builder.add(row)
      count += 1
    }
    let rows = builder.finish(provenance: Provenance(kind: .csv, location: "orchard.csv", rows: count))
    return LoadedData(rows: rows, quality: QualityReport(resource: resource, snapshot: rows, provenance: rows.provenance))
  }
}
