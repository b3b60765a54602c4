/// What the cells so far show about one column.
struct ColumnProfile {
  /// Words that commonly mark a missing value.
  static let missingWords: Set<[UInt8]> = Set(
    ["NA", "N/A", "n/a", "na", "#N/A", "NaN", "nan", "null", "NULL", "Null", "None", "none", "-", "--", ".."].map { Array($0.utf8) })

  /// Matching cells per cell that does not match, for a type to be reported as likely.
  private static let fittingPerMismatch = 8

  /// An entry of a B-tree index of Postgres has 2,704 bytes.
  private static let maxKeyBytes = 2_600

  let header: String
  let delimiter: UInt8
  private(set) var candidates: [TypeCandidate]
  private(set) var cells = 0
  private(set) var empty = 0
  private(set) var missing: [(word: [UInt8], line: Int)] = []
  private(set) var missingCells = 0
  /// 1-based line of the first cell with a value.
  private(set) var firstLine: Int?
  /// Fingerprints of the values while all differ; nil once two were equal, or if the column cannot be a key.
  private var seen: Set<Int>?
  /// The values themselves, while the column may be of a type in which two texts can be one value; nil once two were alike.
  private var values: Set<Int64>? = []

  /// Candidates for the numbers without their unit; empty if the cells do not all have the same unit.
  private var bareNumbers: [TypeCandidate]
  private var unit: Unicode.Scalar?

  private let mayBeNumericKey: Bool
  private static let keyWords = ["id", "key", "code", "number", "no", "nr"]

  init(header: String, isFirst: Bool, delimiter: UInt8, candidates: [TypeCandidate]) {
    self.candidates = candidates
    bareNumbers = candidates.filter { ["integer", "number"].contains($0.type.name) }
    self.header = header
    self.delimiter = delimiter
    seen = []
    mayBeNumericKey = isFirst || Self.keyWords.contains { header.lowercased().hasSuffix($0) }
  }

  mutating func add(_ text: Span<UInt8>, _ range: Range<Int>, line: Int) {
    cells += 1
    if range.isEmpty {
      empty += 1
      seen = nil
      return
    }
    firstLine = firstLine ?? line
    var cell: [UInt8] = []
    cell.reserveCapacity(range.count)
    for index in range { cell.append(text[index]) }
    if Self.missingWords.contains(cell) {
      missingCells += 1
      if !missing.contains(where: { $0.word == cell }) { missing.append((cell, line)) }
    } else {
      var alive = candidates
      alive.removeAll(keepingCapacity: true)
      for var candidate in candidates where candidate.observe(cell, line: line) { alive.append(candidate) }
      candidates = alive
      if !bareNumbers.isEmpty { takeBareNumber(cell, line: line) }
    }
    // A measure that happens to differ from row to row is not a key, so its values are not kept.
    if !mayBeKey || cell.count > Self.maxKeyBytes || seen?.insert(cell.hashValue).inserted == false { seen = nil }
    // All remaining candidates read the same instant.
    let typed = candidates.first { $0.isExact && $0.hasEquivalentSpellings }
    if seen == nil || typed == nil || values?.insert(typed?.payload ?? 0).inserted == false { values = nil }
  }

  private mutating func takeBareNumber(_ cell: [UInt8], line: Int) {
    guard let (number, symbol) = Self.withoutUnit(cell), symbol == unit ?? symbol else {
      bareNumbers = []
      return
    }
    unit = symbol
    bareNumbers = bareNumbers.compactMap { candidate in
      var candidate = candidate
      return candidate.observe(number, line: line) && candidate.mismatches.isEmpty ? candidate : nil
    }
  }

  /// A number and the sign of a currency or percentage before or behind it.
  private static func withoutUnit(_ cell: [UInt8]) -> (number: [UInt8], unit: Unicode.Scalar)? {
    guard let first = cell.firstIndex(where: { $0 &- 0x30 < 10 }), let last = cell.lastIndex(where: { $0 &- 0x30 < 10 }) else { return nil }
    let before = cell[..<first].filter { $0 != UInt8(ascii: "-") }
    guard first - before.count <= 1 else { return nil }
    let around = String(decoding: before + cell[(last + 1)...], as: UTF8.self).unicodeScalars.filter { !$0.properties.isWhitespace }
    guard let unit = around.first, around.count == 1,
      unit.properties.generalCategory == .currencySymbol || "%‰".unicodeScalars.contains(unit)
    else { return nil }
    return ((before.count < first ? [UInt8(ascii: "-")] : []) + cell[first...last], unit)
  }

  private var mayBeKey: Bool {
    switch candidates.first(where: \.isExact)?.type {
    case .integer: mayBeNumericKey
    case .number, .boolean: false
    default: true
    }
  }

  /// The type to write, and the notes about it.
  struct Decision {
    var type = FieldType.string
    var decimals = 0
    var notes: [String] = []
    /// True if every row has a value and no two are equal.
    var isKey = false
  }

  func decision() -> Decision {
    var decision = Decision()
    let filled = cells - empty - missingCells
    var isUnique = seen != nil
    if filled > 0 {
      let exact = candidates.filter(\.isExact)
      if isYear {
        decision.type = .year
      } else if let candidate = choice(exact, &decision.notes) {
        decision.type = candidate.type
        decision.decimals = candidate.decimals
        isUnique = candidate.hasEquivalentSpellings ? values != nil : isUnique
      } else if exact.isEmpty, let note = unitNote ?? oddCells(filled) {
        decision.notes.append(note)
      }
    }
    if decision.type != .string, !missing.isEmpty {
      let words = missing.map { "\"\(String(decoding: $0.word, as: UTF8.self))\" (line \($0.line))" }
      decision.notes.append("\"\(header)\": \(Self.list(words)) \(words.count == 1 ? "counts" : "count") as no value")
    }
    decision.isKey = isUnique && cells > 1 && (decision.type == .string || missingCells == 0) && mayBeKey
    return decision
  }

  /// The type that all cells match; nil, with a note, if several types match and give different values.
  private func choice(_ exact: [TypeCandidate], _ notes: inout [String]) -> TypeCandidate? {
    guard let first = exact.first(where: { $0.type != .year }) else { return nil }
    switch first.type {
    case .integer, .boolean: return first
    // With commas as delimiters, the decimal character is a point.
    case .number(let format) where format.isPlain && delimiter == UInt8(ascii: ","): return first
    default: break
    }
    var readings: [String] = []
    var names: [String] = []
    for candidate in exact where candidate.type != .year && !readings.contains(candidate.interpretation) {
      readings.append(candidate.interpretation)
      names.append(Self.name(candidate))
    }
    guard readings.count > 1 else { return first }
    notes.append(
      "\"\(header)\" can be read as \(names.joined(separator: " or as ")): it is left a string; set its type and format yourself")
    return nil
  }

  /// The note about numbers with a unit. The column stays a string, since a number would lose the unit.
  private var unitNote: String? {
    var ambiguities: [String] = []
    guard let unit, let candidate = choice(bareNumbers.filter(\.isExact), &ambiguities) else { return ambiguities.first }
    let format = if case .number(let format) = candidate.type { format } else { NumberFormat() }
    let members = ["\"type\": \"\(candidate.type.name)\""] + DataPackageWriter.members(format) + ["\"bareNumber\": false"]
    return "\"\(header)\" has numbers with \(unit): it is left a string; for numbers without it set \(members.joined(separator: ", "))"
  }

  /// What the column would be but for a few cells.
  private func oddCells(_ filled: Int) -> String? {
    let likely = candidates.filter { candidate in
      guard !candidate.mismatches.isEmpty, filled >= Self.fittingPerMismatch * candidate.mismatches.count else { return false }
      if case .year = candidate.type { return false }
      return true
    }
    guard let fewest = likely.map(\.mismatches.count).min(), let best = likely.first(where: { $0.mismatches.count == fewest }) else {
      return nil
    }
    let cells = best.mismatches.map { "line \($0.line), \"\($0.shown)\"" }
    let article = best.type.name.hasPrefix("i") ? "an" : "a"
    return "\"\(header)\" is \(article) \(best.type.name) except in \(Self.list(cells)): it is left a string; fix or remove what is odd"
  }

  private static func list(_ parts: [String]) -> String {
    parts.count < 2 ? parts.joined() : parts.dropLast().joined(separator: ", ") + " and " + (parts.last ?? "")
  }

  /// True for four-digit whole numbers under a header whose last word is year: fiscal_year, Model Year, birthYear, but not years_open.
  private var isYear: Bool {
    let isInteger = candidates.contains { if case .integer = $0.type { $0.isExact } else { false } }
    guard isInteger, candidates.contains(where: { $0.type == .year && $0.isExact }), header.lowercased().hasSuffix("year") else {
      return false
    }
    let before = header.dropLast(4).last
    return before == nil || before?.isLetter == false || (header.suffix(4).first?.isUppercase == true && before?.isLowercase == true)
  }

  private static func name(_ candidate: TypeCandidate) -> String {
    switch candidate.type {
    case .date(.pattern(let pattern)), .datetime(.pattern(let pattern)), .time(.pattern(let pattern)): pattern.source
    case .number(let format): format.isPlain ? "a number" : "a number with the decimal character \(format.decimalChar)"
    default: "\(candidate.type.name)"
    }
  }
}
