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
  /// One number a line; blank lines and lines that begin with # are none. `-` is standard input.
  ///
  /// - Throws: ``Failure`` 66 where the file cannot be read, 65 with the line where a number is none.
  init(file path: String, period: Int) throws(Failure) {
    let place = path == "-" ? "standard input" : path
    let text = String(decoding: try InputFile.contents(path, what: "file of values"), as: UTF8.self)
    var values: [Double] = []
    for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
      let word = line.drop { $0.isWhitespace }.prefix { !$0.isWhitespace }
      if word.isEmpty || word.hasPrefix("#") { continue }
      let rest = line.drop { $0.isWhitespace }.dropFirst(word.count)
      guard rest.allSatisfy(\.isWhitespace), Self.isNumber(word), let value = Double(word), value.isFinite else {
        let advice = "Give one number a line, with a point for decimals and no thousands separators."
        throw Failure(.badData, "\(place):\(index + 1): “\(line.prefix(40))” is not a number", advice: advice)
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
