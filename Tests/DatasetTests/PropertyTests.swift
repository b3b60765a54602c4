import TestSupport
import Testing

@testable import Dataset

/// What holds for every row, tried on random ones; the seeds are fixed, so that a failure comes again.
@Suite struct PropertyTests {
  let resource: Resource

  init() throws {
    resource = try makeResource(
      """
      {"name": "s"}, {"name": "i", "type": "integer"}, {"name": "n", "type": "number"}, {"name": "b", "type": "boolean"}, {"name": "d", "type": "date"},
      {"name": "e", "type": "datetime"}, {"name": "t", "type": "time"}, {"name": "y", "type": "year"}, {"name": "z"}
      """, schema: #""primaryKey": ["i", "s"]"#)
  }

  private func randomText(_ random: inout Seeded) -> String {
    let alphabet: [Character] = [
      "a", "b", " ", ",", "\"", "\n", "\r\n", "\r", "é", "😀", "\\", "/", "\u{7}", "\t", "{", "1", "\u{FEFF}", "\u{7F}",
    ]
    let text = String((0..<Int.random(in: 1...12, using: &random)).map { _ in alphabet.randomElement(using: &random) ?? "a" })
    return text
  }

  private func randomRow(_ random: inout Seeded) -> Row {
    var row = Row()
    func text(_ bytes: [UInt8], _ kind: Cell.Kind, scale: Int32 = 0) -> Cell {
      defer { row.text += bytes }
      return Cell(kind, scale: scale, start: Int32(row.text.count), count: Int32(bytes.count))
    }
    let digits = (0..<Int.random(in: 20...40, using: &random)).map { $0 == 0 ? 0x31 : UInt8.random(in: 0x30...0x39, using: &random) }
    let number =
      Bool.random(using: &random)
      ? Cell(.decimal, payload: Int64.random(in: -(1 << 40)...(1 << 62), using: &random), scale: Int32.random(in: 0...18, using: &random))
      : text((Bool.random(using: &random) ? [0x2D] : []) + digits, .bigDecimal, scale: Int32.random(in: 0...120, using: &random))
    let day: Int64 = 86_400_000_000
    row.cells = [
      text(Array(randomText(&random).utf8), .text),
      Cell(.integer, payload: Int64.random(in: .min ... .max, using: &random)),
      number,
      Cell(.boolean, payload: Int64.random(in: 0...1, using: &random)),
      Cell(.date, payload: Int64.random(in: -719_162..<2_932_897, using: &random)),
      Cell(.datetime, payload: Int64.random(in: -719_162 * day..<2_932_897 * day, using: &random)),
      Cell(.time, payload: Int64.random(in: 0..<day, using: &random)),
      Cell(.year, payload: Int64.random(in: 1000...9999, using: &random)),
      .null,
    ]
    for index in 2..<8 where Int.random(in: 0..<6, using: &random) == 0 { row.cells[index] = .null }
    return row
  }

  /// The row as a line of a CSV, quoted where it must be and now and then where it need not.
  private func csv(_ row: Row, _ random: inout Seeded) -> String {
    let cells = row.cells.indices.map { index -> String in
      let text = row.string(at: index) ?? ""
      let special = text.utf8.contains { $0 == 0x22 || $0 == 0x2C || $0 == 0x0A || $0 == 0x0D }
      guard special || Int.random(in: 0..<4, using: &random) == 0 else { return text }
      return "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
    return cells.joined(separator: ",") + (Bool.random(using: &random) ? "\n" : "\r\n")
  }

  @Test(arguments: 0..<20) func `row → CSV → row → message → row is the same row`(seed: UInt64) throws {
    var random = Seeded(state: seed)
    let rows = (0..<50).map { _ in randomRow(&random) }
    let text = "s,i,n,b,d,e,t,y,z\r\n" + rows.map { csv($0, &random) }.joined()
    let read = try typedRows(text, resource)
    #expect(read == rows)
    var decoder = MessageDecoder(resource: resource)
    for row in read {
      var back = Row()
      let message = Array(encoded(row, resource).utf8)
      try decoder.decode(message.span, into: &back)
      #expect(back == row)
      try decoder.decodeAny(message.span, into: &back)
      #expect(back == row)
    }
  }

  @Test func `a CSV reads alike, cut in two at every byte`() throws {
    var random = Seeded(state: 7)
    let rows = (0..<6).map { _ in randomRow(&random) }
    let text = Array(("\u{FEFF}s,i,n,b,d,e,t,y,z\r\n" + rows.map { csv($0, &random) }.joined() + "too,short\r\n\r\n").utf8)
    let whole = try readRows(text, resource)
    for cut in 0...text.count {
      var pieces = [Array(text[..<cut]), Array(text[cut...])].filter { !$0.isEmpty }
      var reader = RowReader(resource: resource, source: "r.csv") { chunk in
        if pieces.isEmpty { return 0 }
        let piece = pieces.removeFirst()
        chunk.replaceSubrange(0..<piece.count, with: piece)
        return piece.count
      }
      var row = Row()
      var count = 0
      while case let outcome = try reader.next(into: &row), outcome != .end {
        if case .row = outcome { #expect(whole[count] == .row(row.cells.indices.map { row.string(at: $0) }), "cut at \(cut)") }
        count += 1
      }
      #expect(count == whole.count, "cut at \(cut)")
    }
  }

  @Test func `no message cut short is read, and none makes a trap`() throws {
    var random = Seeded(state: 3)
    let message = Array(encoded(randomRow(&random), resource).utf8)
    for end in 0..<message.count {
      guard case .failure = decoded(Array(message[..<end]), resource) else {
        Issue.record("read up to \(end)")
        continue
      }
    }
    for _ in 0..<2000 {
      var broken = message
      broken[Int.random(in: 0..<broken.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
      _ = decoded(broken, resource)
    }
  }
}
