// Shared code of the fuzz targets. scripts/fuzz.sh builds them as one module with the sources of Dataset; the package does not build them.

/// One resource per first byte of the input, so that fields, keys, dialects and missing values vary.
let resources = (0...255).map { makeResource(UInt8($0)) }

private func makeResource(_ choice: UInt8) -> Resource {
  func format(_ source: String) -> TemporalFormat { if let pattern = try? TimePattern(source) { .pattern(pattern) } else { .iso } }
  var bounded = Constraints()
  bounded.minimum = Constraints.Bound(cell: Cell(.decimal, payload: -15, scale: 1), text: [], spelling: "-1.5")
  bounded.maximum = Constraints.Bound(cell: Cell(.integer, payload: 1000), text: [], spelling: "1000")
  let comma = NumberFormat(decimalChar: ",", groupChar: ".", bareNumber: choice & 1 == 0)
  let all = [
    Field(header: "s", column: "s", type: .string),
    Field(header: "i", column: "i", type: .integer(NumberFormat())),
    Field(header: "n", column: "n", type: .number(NumberFormat()), missingValues: choice & 2 == 0 ? [""] : ["", "-", "9"]),
    Field(header: "b", column: "b", type: .boolean(BooleanFormat())),
    Field(header: "d", column: "d", type: .date(format("%d-%m-%Y"))),
    Field(header: "t", column: "t", type: .time(.iso)),
    Field(header: "w", column: "w", type: .datetime(.iso)),
    Field(header: "y", column: "y", type: .year),
    Field(header: "m", column: "m\"\u{7}", type: .number(NumberFormat()), constraints: bounded),
    Field(header: "c", column: "c", type: .number(comma)),
    Field(header: "p", column: "p", type: .datetime(format("%d %b %y %I:%M:%S %p"))),
  ]
  var dialect = Dialect()
  dialect.hasHeader = false
  if choice & 4 != 0 { dialect.delimiter = UInt8(ascii: ";") }
  if choice & 8 != 0 { dialect.comment = UInt8(ascii: "#") }
  if choice & 16 != 0 { dialect.skipInitialSpace = true }
  // Few fields, so that a short input makes a row; the choice determines which ones.
  let count = 1 + Int(choice >> 5) % 4
  let fields = (0..<count).map { all[(Int(choice) * 3 + $0) % all.count] }
  return Resource(name: "f", path: "f.csv", dialect: dialect, fields: fields, primaryKey: choice & 3 == 3 ? [0] : [])
}

/// A reader that returns `bytes` in chunks of `size`.
func feed(_ bytes: [UInt8], by size: Int) -> (inout [UInt8]) -> Int {
  var at = 0
  return { chunk in
    let count = min(size, bytes.count - at, chunk.count)
    for index in 0..<count { chunk[index] = bytes[at + index] }
    at += count
    return count
  }
}

func copy(_ data: UnsafePointer<UInt8>, _ count: Int) -> [UInt8] { Array(UnsafeBufferPointer(start: data, count: count)) }

func require(_ condition: Bool, _ what: @autoclosure () -> String) { if !condition { fatalError(what()) } }
