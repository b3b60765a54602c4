import Console

/// A series to be forecast, and what is known about it.
struct ForecastInput {
  /// For the JSON object: "global_revenue", or the file's name.
  var name: String
  /// For people: "Global revenue".
  var title: String
  /// Where a fault is: the file, or the table and its series.
  var place: String
  /// Under the picture.
  var source: String
  var values: [Double]
  /// `yyyy-mm-dd`; empty where there are none.
  var dates: [String] = []
  var period: Int
  /// As the description names it.
  var unit: String?
  var decimals: Int?
  /// What the dataset's rules find wrong in this series: the reader must know before quoting a forecast of it.
  var doubts: [String] = []
}

extension ForecastInput {
  /// One number per line; lines that begin with # are comments, and blank lines may stand before the first number and after the last. `-` is
  /// standard input.
  ///
  /// - Throws: ``Failure`` 66 where the file cannot be read, 65 with the line where a number is missing or not valid.
  init(file path: String, period: Int) throws(CommandError) {
    let place = path == "-" ? "standard input" : path
    var bytes = try InputFile.contents(path, what: "file of values")[...]
    if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
      throw CommandError(.badData, "\(place): the text is UTF-16", advice: "Write it as UTF-8: iconv -f UTF-16 -t UTF-8 FILE.")
    }
    // A byte-order mark, as spreadsheets write it.
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
    var values: [Double] = []
    var gap: Int?
    for (index, line) in String(decoding: bytes, as: UTF8.self).split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
      .enumerated()
    {
      let word = line.drop { $0.isWhitespace }.prefix { !$0.isWhitespace }
      if word.isEmpty, !values.isEmpty { gap = gap ?? index + 1 }
      if word.isEmpty || word.hasPrefix("#") { continue }
      let rest = line.drop { $0.isWhitespace }.dropFirst(word.count)
      guard rest.allSatisfy(\.isWhitespace), Self.isNumber(word), let value = Double(word), value.isFinite else {
        let advice = "Give one number a line, with a point for decimals and no thousands separators."
        throw CommandError(.badData, "\(place):\(index + 1): “\(line.prefix(40))” is not a number", advice: advice)
      }
      if let gap {
        throw CommandError(
          .badData, "\(place):\(gap): the line is blank: a value is missing",
          advice: "A forecast needs a number for every period: write it there, or delete the line if none is missing.")
      }
      values.append(value)
    }
    let file = path == "-" ? place : path.split(separator: "/").last.map(String.init) ?? path
    let stem = file.hasPrefix(".") ? file : file.split(separator: ".").first.map(String.init) ?? file
    self.init(name: stem, title: stem, place: place, source: "Source: \(file)", values: values, period: period)
  }

  /// What people write, and not what else Swift reads (nan, 0x1p3).
  private static func isNumber(_ word: Substring) -> Bool {
    word.utf8.contains { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } && word.allSatisfy { "0123456789+-.eE".contains($0) }
  }
}
