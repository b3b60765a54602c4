import Dataset
import Testing

@testable import Landing

@Suite struct KeyDecoderTests {
  private func decode(_ key: String, _ resource: Resource) throws -> Row {
    var decoder = try #require(KeyDecoder(resource))
    var row = Row()
    try Array(key.utf8).withUnsafeBytes { try decoder.decode($0, into: &row) }
    return row
  }

  @Test func `a key of one column is its text`() throws {
    #expect(try decode("42", Sample.keyed).cells == [Cell(.integer, payload: 42), .null, .null])
  }

  @Test func `a key of several columns is a JSON array in the key's order`() throws {
    let row = try decode(#" ["a,\"b", 7] "#, Sample.pair)
    #expect(row.cells[0] == Cell(.integer, payload: 7))
    #expect(row.cells[1].kind == .text)
    #expect(String(decoding: row.text[row.cells[1].range], as: UTF8.self) == "a,\"b")
  }

  @Test func `a key may contain any text`() throws {
    let resource = Resource(name: "s", path: "s.csv", fields: [Sample.fields[1]], primaryKey: [0])
    let row = try decode("say \"\\\n\u{1}", resource)
    #expect(String(decoding: row.text[row.cells[0].range], as: UTF8.self) == "say \"\\\n\u{1}")
  }

  @Test(arguments: ["x", ""])
  func `an invalid key of one column is rejected`(key: String) {
    let reason = #expect(throws: RejectReason.self) { try decode(key, Sample.keyed) }
    #expect(reason?.kind == .key && reason?.text.hasPrefix("the key of a tombstone: ") == true, "\(String(describing: reason))")
  }

  @Test(arguments: ["[1]", "[\"a\",1,2]", "{}"])
  func `an invalid key of several columns is rejected`(key: String) {
    #expect(throws: RejectReason(.key, "the key of a tombstone is not a JSON array of 2 values")) { try decode(key, Sample.pair) }
  }

  @Test func `a dataset without a key has no decoder`() {
    #expect(KeyDecoder(Sample.keyless) == nil)
  }
}
