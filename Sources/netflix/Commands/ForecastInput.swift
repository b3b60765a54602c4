import Console

/// A series to forecast, with its metadata.
struct ForecastInput {
  /// The name in JSON: "global_revenue", or the file's name.
  var name: String
  /// The human-readable name: "Global revenue".
  var title: String
  /// The source, for error messages: the file, or the table and its series.
  var place: String
  /// The source line below the chart.
  var source: String
  var values: [Double]
  /// `yyyy-mm-dd`; empty if the series has no dates.
  var dates: [String] = []
  var period: Int
  /// As in the description.
  var unit: String?
  var decimals: Int?
  /// The findings of the dataset's rules in this series; a forecast based on them is not reliable.
  var doubts: [String] = []
}

extension ForecastInput {
  /// Reads one number per line. Lines that start with # are comments; blank lines are allowed before the first number and after the last. `-` is
  /// standard input.
  ///
  /// - Throws: ``CommandError`` 66 if the file cannot be read, 65 with the line if a number is missing or invalid.
  init(file path: String, period: Int) throws(CommandError) {
    let place = path == "-" ? "standard input" : path
    var bytes = try InputFile.contents(path, what: "file of values")[...]
    if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
      throw CommandError(.badData, "\(place): the text is UTF-16", advice: "Write it as UTF-8: iconv -f UTF-16 -t UTF-8 FILE.")
    }
    // A byte-order mark, which spreadsheets write.
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
        let advice = "Write one number per line, with a decimal point and no thousands separators."
        throw CommandError(.badData, "\(place):\(index + 1): “\(line.prefix(40))” is not a number", advice: advice)
      }
      if let gap {
        throw CommandError(
          .badData, "\(place):\(gap): blank line: a value is missing",
          advice: "A forecast needs a number for every period: add it, or delete the line if no value is missing.")
      }
      values.append(value)
    }
    let file = path == "-" ? place : path.split(separator: "/").last.map(String.init) ?? path
    let stem = file.hasPrefix(".") ? file : file.split(separator: ".").first.map(String.init) ?? file
    self.init(name: stem, title: stem, place: place, source: "Source: \(file)", values: values, period: period)
  }

  /// Decimal notation only, not the other forms that Swift accepts (nan, 0x1p3).
  private static func isNumber(_ word: Substring) -> Bool {
    word.utf8.contains { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } && word.allSatisfy { "0123456789+-.eE".contains($0) }
  }
}
