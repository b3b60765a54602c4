// The description inferred from a CSV can be loaded, and every row of the CSV matches it.

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzDescribe(_ data: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let csv = copy(data, count)
  guard let result = try? Describe.describe(source: "f.csv", read: feed(csv, by: 7)) else { return 0 }
  do {
    let resource = try DataPackage(json: Array(result.json.utf8), file: "f.json").resources[0]
    var reader = RowReader(resource: resource, source: "f.csv", read: feed(csv, by: 100))
    var row = Row()
    var rows = 0
    while true {
      let outcome = try reader.next(into: &row)
      if outcome == .end { break }
      if outcome == .blank { continue }
      require(outcome == .row, "a bad row: \(outcome)")
      rows += 1
    }
    require(rows == result.rows, "another number of rows")
  } catch {
    fatalError("what was described is refused: \(error)\n\(result.json)")
  }
  return 0
}
