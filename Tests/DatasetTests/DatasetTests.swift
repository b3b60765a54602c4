import Foundation
import Testing

@testable import Dataset

@Test func `the real file's first message is as the issue says`() throws {
  let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../data")
  let json = Array(try Data(contentsOf: folder.appending(path: "datapackage.json")))
  let csv = Array(try Data(contentsOf: folder.appending(path: "netflix_revenue_updated.csv")))
  let resource = try DataPackage(json: json, file: "datapackage.json").resource(named: nil, forCSV: "x")
  var rest = csv[...]
  var reader = RowReader(resource: resource, source: "x.csv") { chunk in
    let count = min(7, rest.count)
    for index in 0..<count { chunk[index] = rest.removeFirst() }
    return count
  }
  var row = Row()
  var count = 0
  let encoder = MessageEncoder(resource: resource)
  var decoder = MessageDecoder(resource: resource)
  while case let outcome = try reader.next(into: &row), outcome != .end {
    #expect(outcome == .row)
    var value: [UInt8] = []
    encoder.appendValue(of: row, to: &value)
    var back = Row()
    try decoder.decode(value.span, into: &back)
    #expect(back == row)
    count += 1
  }
  #expect(count == 21)
}
