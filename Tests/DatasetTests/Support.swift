import Foundation
import TestSupport
import Testing

@testable import Dataset

/// The files of `data/` in the repository.
enum RealData {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../data")

  static func bytes(_ name: String) throws -> [UInt8] { Array(try Data(contentsOf: folder.appending(path: name))) }

  static func resource() throws -> Resource {
    try DataPackage(json: bytes("datapackage.json"), file: "datapackage.json").resource(named: nil, forCSV: "netflix_revenue_updated.csv")
  }
}

/// A resource from the JSON of its fields, and of further properties of the schema and the resource.
func makeResource(_ fields: String, schema: String = "", resource: String = "") throws -> Resource {
  let json = """
    {"resources": [{"name": "r", "path": "r.csv", "schema": {"fields": [\(fields)]\(schema.isEmpty ? "" : ", " + schema)}\(resource.isEmpty ? "" : ", " + resource)}]}
    """
  return try DataPackage(json: Array(json.utf8), file: "d.json").resources[0]
}

/// The result of reading a CSV, record by record.
enum Read: Equatable {
  case row([String?])
  case blank
  case bad(line: Int, column: Int, reason: String, original: String)
}

/// A read function that returns `bytes` in chunks of `size`.
func feed(_ bytes: [UInt8], by size: Int = .max) -> (inout [UInt8]) -> Int {
  var at = 0
  return { chunk in
    let count = min(size, bytes.count - at, chunk.count)
    chunk.replaceSubrange(0..<count, with: bytes[at..<at + count])
    at += count
    return count
  }
}

func readRows(_ csv: [UInt8], _ resource: Resource, by size: Int = .max, maximum: Int = 1 << 20, quick: Bool = true) throws -> [Read] {
  var reader = RowReader(resource: resource, source: "r.csv", maxRecordBytes: maximum, read: feed(csv, by: size))
  try reader.readHeader()
  if !quick { reader.fastPath = nil }
  var row = Row()
  var all: [Read] = []
  while true {
    switch try reader.next(into: &row) {
    case .row: all.append(.row(row.cells.indices.map { row.string(at: $0) }))
    case .blank: all.append(.blank)
    case .rejected(let bad):
      all.append(
        .bad(line: bad.line, column: bad.column, reason: bad.reason.text, original: String(decoding: bad.original, as: UTF8.self)))
    case .end: return all
    }
  }
}

func readRows(_ csv: String, _ resource: Resource) throws -> [Read] { try readRows(Array(csv.utf8), resource) }

/// The typed rows of a CSV; a rejected row fails the test.
func typedRows(_ csv: String, _ resource: Resource, skipsBlank: Bool = false) throws -> [Row] {
  var reader = RowReader(resource: resource, source: "r.csv", read: feed(Array(csv.utf8)))
  var row = Row()
  var all: [Row] = []
  while case let outcome = try reader.next(into: &row), outcome != .end {
    if skipsBlank, outcome == .blank { continue }
    #expect(outcome == .row)
    all.append(row)
  }
  return all
}

func encoded(_ row: Row, _ resource: Resource) -> String {
  var bytes: [UInt8] = []
  MessageEncoder(resource: resource).appendValue(of: row, to: &bytes)
  return String(decoding: bytes, as: UTF8.self)
}

func encodedKey(_ row: Row, _ resource: Resource) -> String? {
  var bytes: [UInt8] = []
  return MessageEncoder(resource: resource).appendKey(of: row, to: &bytes) ? String(decoding: bytes, as: UTF8.self) : nil
}

/// The texts of a message's cells, or the reason it was rejected for.
func decoded(_ message: [UInt8], _ resource: Resource) -> Result<[String?], RejectReason> {
  var decoder = MessageDecoder(resource: resource)
  var row = Row()
  do throws(RejectReason) {
    try decoder.decode(message.span, into: &row)
    return .success(row.cells.indices.map { row.string(at: $0) })
  } catch {
    return .failure(error)
  }
}

func decoded(_ message: String, _ resource: Resource) -> Result<[String?], RejectReason> { decoded(Array(message.utf8), resource) }
