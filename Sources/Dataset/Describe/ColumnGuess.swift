/// What is known of one column after its cells so far.
struct ColumnGuess {
  /// Cells that people write where a value is missing.
  static let missingWords: Set<[UInt8]> = Set(
    ["NA", "N/A", "n/a", "na", "#N/A", "NaN", "nan", "null", "NULL", "Null", "None", "none", "-", "--", ".."].map { Array($0.utf8) })

  let header: String
  let delimiter: UInt8
  private(set) var candidates = TypeCandidate.all()
  private(set) var cells = 0
  private(set) var empty = 0
  private(set) var missing: [[UInt8]] = []
  private(set) var missingCells = 0
  /// The most bytes behind the last point, and behind the last comma.
  private var behindPoint = 0
  private var behindComma = 0
  /// Fingerprints of the values, as long as all differ; nil once two were alike, or where the column makes no key.
  private var seen: Set<Int>?

  private let mayBeNumericKey: Bool
  private static let keyWords = ["id", "key", "code", "number", "no", "nr"]

  init(header: String, isFirst: Bool, delimiter: UInt8) {
    self.header = header
    self.delimiter = delimiter
    seen = []
    mayBeNumericKey = isFirst || Self.keyWords.contains { header.lowercased().hasSuffix($0) }
  }

  mutating func add(_ text: Span<UInt8>, _ range: Range<Int>) {
    cells += 1
    if range.isEmpty {
      empty += 1
      seen = nil
      return
    }
    var cell: [UInt8] = []
    for index in range { cell.append(text[index]) }
    if Self.missingWords.contains(cell) {
      missingCells += 1
      if !missing.contains(cell) { missing.append(cell) }
      seen = nil
      return
    }
    candidates.removeAll { !$0.takes(cell.span, 0..<cell.count) }
    if let point = cell.lastIndex(of: UInt8(ascii: ".")) { behindPoint = max(behindPoint, cell.count - point - 1) }
    if let comma = cell.lastIndex(of: UInt8(ascii: ",")) { behindComma = max(behindComma, cell.count - comma - 1) }
    // A measure that happens to differ from row to row is no key, and its values need not be kept.
    let mayBeKey =
      switch candidates.first?.type {
      case .integer: mayBeNumericKey
      case .number, .boolean: false
      default: true
      }
    if !mayBeKey || seen?.insert(cell.hashValue).inserted == false { seen = nil }
  }

  /// The most decimal places a number of this format had.
  func decimals(_ format: NumberFormat) -> Int { format.decimalChar == "," ? behindComma : behindPoint }

  /// True where every row has a value and no two are the same.
  var isKey: Bool { seen != nil && cells > 1 }

  /// The type to write, and what to say about it.
  func decision() -> (type: FieldType, note: String?) {
    let values = cells - empty - missingCells
    guard values > 0, !candidates.isEmpty else { return (.string, nil) }
    if isYear { return (.year, nil) }
    if let first = candidates.first {
      switch first.type {
      case .integer, .boolean: return (first.type, nil)
      // Where commas delimit, a point is the decimal one.
      case .number(let format) where format.isPlain && delimiter == UInt8(ascii: ","): return (first.type, nil)
      default: break
      }
    }
    var readings: [String] = []
    var names: [String] = []
    for candidate in candidates where !readings.contains(candidate.reading) {
      readings.append(candidate.reading)
      names.append(Self.name(candidate))
    }
    guard readings.count > 1 else { return (candidates[0].type, nil) }
    return (
      .string, "\"\(header)\" can be read as \(names.joined(separator: " or as ")): it is left a string; set its type and format yourself"
    )
  }

  private var isYear: Bool {
    guard case .integer = candidates.first?.type, header.lowercased().contains("year") else { return false }
    return candidates.contains { $0.type == .year }
  }

  private static func name(_ candidate: TypeCandidate) -> String {
    switch candidate.type {
    case .date(.pattern(let pattern)), .datetime(.pattern(let pattern)), .time(.pattern(let pattern)): pattern.source
    case .number(let format): format.isPlain ? "a number" : "a number with the decimal character \(format.decimalChar)"
    default: "\(candidate.type.name)"
    }
  }
}
