import Support

/// Generates rows in the format of this repository's CSV, for the demo, the benchmark and load tests.
///
/// One row per day, so that each has its own key; the same number of rows always gives the same bytes.
package struct SyntheticRows {
  /// The header of data/netflix_revenue_updated.csv, including its irregular spaces.
  package static let header =
    "Date,Global Revenue,UCAN Streaming Revenue,EMEA Streaming Revenue,LATM Streaming Revenue,APAC Streaming Revenue,UCAN Members,"
    + "EMEA  Members,LATM Members,APAC Members,UCAN ARPU,EMEA ARPU,LATM  ARPU,APAC  ARPU,Netflix Streaming Memberships \n"

  /// The maximum number of rows: days from 1 January 2019 to the end of year 9999.
  package static let maximum = 2_900_000

  private var state: UInt64
  private var day: Int64
  private var left: Int

  /// Rows from the day `first` on.
  ///
  /// - Parameter first: the number of rows before these, so that a file can be generated in parts.
  package init(count: Int, first: Int = 0) {
    left = count
    day = Int64(first)
    state = 0
  }

  /// Appends the next row.
  ///
  /// - Returns: whether there was a row left.
  package mutating func next(appendingTo bytes: inout [UInt8]) -> Bool {
    guard left > 0 else { return false }
    left -= 1
    // Seeded by its day, so that a part has the same rows as the whole file.
    state = UInt64(bitPattern: day) &* 0x9E37_79B9_7F4A_7C15 | 1
    appendDate(&bytes)
    day += 1
    let revenues = (0..<4).map { _ in 300_000_000 + random(below: 2_000_000_000) }
    let members = (0..<4).map { _ in 10_000_000 + random(below: 70_000_000) }
    append(revenues.reduce(0, +) + 20_000_000, &bytes)
    for revenue in revenues { append(revenue, &bytes) }
    for member in members { append(member, &bytes) }
    for _ in 0..<4 {
      let cents = 700 + random(below: 1_000)
      bytes.append(UInt8(ascii: ","))
      bytes.append(contentsOf: "\(cents / 100).".utf8)
      bytes.append(contentsOf: (cents % 100 < 10 ? "0" : "").utf8)
      bytes.append(contentsOf: "\(cents % 100)".utf8)
    }
    append(members.reduce(0, +), &bytes)
    bytes.append(UInt8(ascii: "\n"))
    return true
  }

  private func append(_ number: Int, _ bytes: inout [UInt8]) {
    bytes.append(UInt8(ascii: ","))
    bytes.append(contentsOf: "\(number)".utf8)
  }

  /// xorshift64*
  private mutating func random(below bound: Int) -> Int {
    state ^= state >> 12
    state ^= state << 25
    state ^= state >> 27
    return Int(((state &* 0x2545_F491_4F6C_DD1D) >> 33) % UInt64(bound))
  }

  /// DD-MM-YYYY, as in the CSV, counted from 1 January 2019.
  private func appendDate(_ bytes: inout [UInt8]) {
    let (year, month, dayOfMonth) = GregorianCalendar.date(days: 17_897 + day)
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    bytes.append(contentsOf: "\(two(dayOfMonth))-\(two(month))-\(year)".utf8)
  }
}
