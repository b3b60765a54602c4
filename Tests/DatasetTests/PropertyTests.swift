import Support
import TestSupport
import Testing

@testable import Dataset

/// Properties of every row, tested on random rows; the seeds are fixed, so that failures are reproducible.
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

  /// The row as a line of a CSV, quoted where necessary and sometimes where it is not.
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

  @Test func `a CSV split in two chunks at any byte gives the same rows`() throws {
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

  @Test func `a truncated message is rejected and never traps`() throws {
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

/// The description inferred by `describe` keeps every cell: read by the description and written in its format, it has the same text or an equal number.
@Suite struct DescribePropertyTests {
  /// Kinds of columns, whose cells may be mixed with those of another kind.
  private let cellKinds: [(inout Seeded) -> String] = [
    { "\(Int.random(in: -5...3000, using: &$0))" }, { "0\(Int.random(in: 10...999, using: &$0))" },
    { "\(Int.random(in: 1...99, using: &$0)).\(Int.random(in: 100...9999, using: &$0))" },
    { "\(Int.random(in: 1...99, using: &$0)),\(Int.random(in: 1...999, using: &$0))" },
    { "\(Int.random(in: 1...9, using: &$0)).\(Int.random(in: 0...9, using: &$0))E-0\(Int.random(in: 1...9, using: &$0))" },
    { "\(Int.random(in: 1...20, using: &$0))E\(Int.random(in: 1...9, using: &$0))" },
    { "2020-0\(Int.random(in: 1...9, using: &$0))-1\(Int.random(in: 0...9, using: &$0))" },
    { "\(Int.random(in: 1...31, using: &$0))/\(Int.random(in: 1...12, using: &$0))/20\(Int.random(in: 10...30, using: &$0))" },
    { "0\(Int.random(in: 1...9, using: &$0)).0\(Int.random(in: 1...9, using: &$0)).2020" },
    { "2020-01-1\(Int.random(in: 0...9, using: &$0)) 1\(Int.random(in: 0...9, using: &$0)):0\(Int.random(in: 0...9, using: &$0)):00" },
    { "\(Int.random(in: 1...24, using: &$0)):\(Int.random(in: 0...59, using: &$0))" },
    { "\(Int.random(in: 1...12, using: &$0)):1\(Int.random(in: 0...9, using: &$0)) \(["AM", "PM", "am"].randomElement(using: &$0) ?? "")" },
    { "\(Int.random(in: 1...28, using: &$0))-\(["JAN", "Feb", "mar"].randomElement(using: &$0) ?? "")-19" },
    { ["true", "FALSE", "True", "yes", "no", "Y", "n", "t", "f", "1", "0"].randomElement(using: &$0) ?? "" },
    { ["NA", "-", "", "x", " 5", "5 ", "+5", "1_000", "1.234.567", "1 234"].randomElement(using: &$0) ?? "" },
    {
      ["0", "-0", "-0.0", "0.0", "-0,0", "00", "1", "-1", "-0E+1", "-0.0E-3", "1.0", "1.00", "0.10", ".0"].randomElement(using: &$0) ?? ""
    },
    { "\(Int.random(in: 1...9, using: &$0)).5\(["", "0", "00"].randomElement(using: &$0) ?? "")" },
    { "\(UInt64.random(in: 1 << 62 ... .max, using: &$0))\(["", ".5", ",50"].randomElement(using: &$0) ?? "")" },
    { "\(Int.random(in: 1...9, using: &$0)).\(["234", "000"].randomElement(using: &$0) ?? ""),5" },
    { "\(Int.random(in: 1...9, using: &$0))\(["\u{A0}", "\u{202F}", " ", "'"].randomElement(using: &$0) ?? "")234" },
    { ["Infinity", "-inf", "INF", "NaN", "١٢", "１２", "²", "0x1F", "1e999999", "(5)", "5-"].randomElement(using: &$0) ?? "" },
    { "2020-01-31\(["T", " "].randomElement(using: &$0) ?? "")1\(Int.random(in: 0...2, using: &$0)):00:00\(Self.zone(&$0))" },
    { "2020-01-31 1\(Int.random(in: 0...2, using: &$0)):00:00\(Self.fraction(&$0))\(Self.zone(&$0))" },
    { "2020-01-31 10:00:00\(Self.fraction(&$0))" }, { "1\(Int.random(in: 0...2, using: &$0)):00:00\(Self.fraction(&$0))" },
    { "2020-01-31 1\(Int.random(in: 0...2, using: &$0)):00:00\(["Z", "+0000", "+0100", "-01:00"].randomElement(using: &$0) ?? "")" },
    { ["24:00:00", "23:59:60", "23:59:59", "00:00:00", "00:00", "24:00", "12:60"].randomElement(using: &$0) ?? "" },
    {
      ["0000-01-01", "0001-01-01", "1500-02-28", "1500-02-29", "9999-12-31", "10000-01-01", "2019-02-29"].randomElement(using: &$0) ?? ""
    },
    { ["0999", "1599", "1600", "2199", "2200", "2020"].randomElement(using: &$0) ?? "" },
    { ["e\u{301}", "\u{E9}", "true", "true ", "TRUE", "x", "X"].randomElement(using: &$0) ?? "" },
  ]

  private static func zone(_ random: inout Seeded) -> String {
    ["", "Z", "z", "+00", "+00:00", "-00:00", "+01", "+01:00", "+0100", "-01:00", "+05:30"].randomElement(using: &random) ?? ""
  }

  private static func fraction(_ random: inout Seeded) -> String {
    ["", ".5", ".50", ".500000", ".123456", ".1234560", ".0"].randomElement(using: &random) ?? ""
  }

  /// The texts that a value of this type may have in a column, its zone and the zeros at the end of its fraction as `spelling` has them.
  private func texts(_ type: FieldType, _ row: Row, _ index: Int, like spelling: String) -> Set<String> {
    let cell = row.cells[index]
    let plain = row.string(at: index) ?? ""
    let zone = spelling.wholeMatch(of: #/.*:[0-9][0-9](?:[.][0-9]+)?([Zz]|[+-][0-9:]+)/#)?.output.1 ?? ""
    let zeros = spelling.dropLast(zone.count).wholeMatch(of: #/.*[.][0-9]*?[.]?(0+)/#)?.output.1 ?? ""
    let offset = zone.dropFirst().filter { $0 != ":" }
    let minutes = (Int64(offset.prefix(2)) ?? 0) * 60 + (Int64(offset.dropFirst(2)) ?? 0)
    let local = cell.payload + (zone.first == "-" ? -60_000_000 : 60_000_000) * minutes
    let day: Int64 = 86_400_000_000
    let days = local >= 0 ? local / day : (local + 1) / day - 1
    var fraction = "\(1_000_000 + local.quotientAndRemainder(dividingBy: 1_000_000).remainder)".dropFirst()
    while fraction.last == "0" { fraction.removeLast() }
    let part = fraction + zeros
    let time = (seconds: Int((local - days * day) / 1_000_000), fraction: part.isEmpty ? "" : ".\(part)", zone: String(zone))
    switch type {
    case .boolean(let format): return Set(cell.payload == 1 ? format.trueValues : format.falseValues)
    case .date(.pattern(let pattern)): return written(pattern, days: cell.payload, (0, "", ""))
    case .datetime(.pattern(let pattern)): return written(pattern, days: days, time)
    case .time(.pattern(let pattern)): return written(pattern, days: 0, time)
    case .datetime(.iso):
      return Set(
        ["T", " "].flatMap { mark in (try? TimePattern("%Y-%m-%d\(mark)%H:%M:%S%f%z")).map { written($0, days: days, time) } ?? [] })
    case .time(.iso): return (try? TimePattern("%H:%M:%S%f")).map { written($0, days: 0, time) } ?? []
    default: return [plain]
    }
  }

  /// By a pattern, numbers padded or not, names in either case.
  private func written(_ pattern: TimePattern, days: Int64, _ time: (seconds: Int, fraction: String, zone: String)) -> Set<String> {
    let seconds = time.seconds
    let (year, month, day) = GregorianCalendar.date(days: days)
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    var all: Set<String> = [""]
    func add(_ endings: [String]) { all = Set(all.flatMap { start in endings.map { start + $0 } }) }
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    for item in pattern.items {
      switch item {
      case .literal(let byte): add([String(decoding: [byte], as: UTF8.self)])
      case .blanks: add([" "])
      case .directive(UInt8(ascii: "Y")): add([String("\(10_000 + year)".dropFirst())])
      case .directive(UInt8(ascii: "y")): add([two(year % 100)])
      case .directive(UInt8(ascii: "m")): add([two(month), "\(month)"])
      case .directive(UInt8(ascii: "d")): add([two(day), "\(day)"])
      case .directive(UInt8(ascii: "b")): add([months[month - 1], months[month - 1].uppercased(), months[month - 1].lowercased()])
      case .directive(UInt8(ascii: "H")): add([two(seconds / 3600), "\(seconds / 3600)"])
      case .directive(UInt8(ascii: "I")): add([two((seconds / 3600 + 11) % 12 + 1), "\((seconds / 3600 + 11) % 12 + 1)"])
      case .directive(UInt8(ascii: "M")): add([two(seconds / 60 % 60)])
      case .directive(UInt8(ascii: "S")): add([two(seconds % 60)])
      case .directive(UInt8(ascii: "p")): add(seconds < 43_200 ? ["AM", "am", "Am"] : ["PM", "pm", "Pm"])
      // A pattern has the point before %f itself; here it comes with the digits.
      case .directive(UInt8(ascii: "f")): all = Set(all.map { ($0.last == "." ? String($0.dropLast()) : $0) + time.fraction })
      case .directive(UInt8(ascii: "z")): add([time.zone])
      case .directive: Issue.record("not written: \(pattern.source)")
      }
    }
    return all
  }

  /// A number's value, regardless of its marks.
  private func value(_ text: String, _ format: NumberFormat) -> String {
    var plain = format.groupChar.map { text.split(separator: $0).joined() } ?? text
    plain = plain.split(separator: format.decimalChar, omittingEmptySubsequences: false).joined(separator: ".")
    var digits: [UInt8] = []
    let bytes = Array(plain.utf8)
    guard let cell = try? DecimalParser.number(bytes.span, 0..<bytes.count, into: &digits) else { return text }
    return "\(cell.payload) \(cell.scale) \(digits)"
  }

  @Test(arguments: 0..<20) func `a cell read by its description and written again is the same cell`(seed: UInt64) throws {
    var random = Seeded(state: seed)
    for _ in 0..<30 {
      let kinds = (0..<3).map { _ in
        (Int.random(in: 0..<cellKinds.count, using: &random), Int.random(in: 0..<cellKinds.count, using: &random))
      }
      let rows = (0..<Int.random(in: 1...6, using: &random)).map { _ in
        kinds.map { usual, other in cellKinds[Int.random(in: 0..<8, using: &random) == 0 ? other : usual](&random) }
      }
      let delimiter = [";", "\t", "|"].randomElement(using: &random) ?? ";"
      let csv = (["a", "b", "c"].joined(separator: delimiter) + "\n") + rows.map { $0.joined(separator: delimiter) + "\n" }.joined()
      let result = try SchemaInference.describe(source: "x.csv", read: feed(Array(csv.utf8)))
      let resource = try DataPackage(json: Array(result.json.utf8), file: "d.json").resources[0]
      let read = try typedRows(csv, resource, skipsBlank: true)
      let filled = rows.filter { $0.contains { !$0.isEmpty } }
      try #require(read.count == filled.count)
      for (cells, row) in zip(filled, read) {
        for (index, cell) in cells.enumerated() {
          let field = resource.fields[index]
          switch field.type {
          case _ where field.missingValues.contains(cell): #expect(row.cells[index].kind == .null)
          case .integer(let format), .number(let format):
            let text = row.string(at: index) ?? ""
            #expect(value(text, NumberFormat()) == value(cell, format), "seed \(seed): \(cell) of \(csv)")
            // What would not be written so is not a number.
            #expect(cell.hasPrefix("-") == text.hasPrefix("-"), "seed \(seed): \(cell) of \(csv)")
            #expect(!cell.hasPrefix("0") || cell.count == 1 || cell.dropFirst().first?.isNumber == false, "seed \(seed): \(cell) of \(csv)")
          default:
            #expect(texts(field.type, row, index, like: cell).contains(cell), "seed \(seed): \(cell) as \(field.type) of \(csv)")
          }
        }
      }
      guard !resource.primaryKey.isEmpty else { continue }
      // Swift finds the two spellings of an accented letter equal; Kafka and Postgres compare bytes.
      let keys = read.map { Array((encodedKey($0, resource) ?? "").utf8) }
      #expect(Set(keys).count == keys.count, "seed \(seed): a key is there twice in \(csv)")
    }
  }
}
