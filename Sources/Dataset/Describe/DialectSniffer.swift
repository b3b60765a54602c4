import Support

/// Detects the delimiter and the headers of a CSV without a description, from its first lines.
struct DialectSniffer {
  let delimiter: UInt8
  /// True if each cell after a delimiter begins with a blank.
  let skipsSpace: Bool
  /// Trimmed; headers that are not empty are distinct after blanks are folded.
  let headers: [String]
  private var bytes: [UInt8] = []

  private static let sampleBytes = 64 << 10
  private static let sampleRecords = 50
  private static let sampleCells = 400

  init(source: String, candidates: [TypeCandidate], read: @escaping (inout [UInt8]) throws -> Int) throws {
    var buffer = ChunkBuffer(read: read)
    try buffer.readStart(file: source)
    while buffer.pending < Self.sampleBytes, !buffer.isLast { try buffer.fill() }
    func fault(_ message: String, _ hint: String, column: Int = 1) -> DatasetError {
      DatasetError(.data, message, file: source, line: 1, column: column, hint: hint)
    }
    // A quote can make the header longer than the sample.
    var notCSV: String?
    for delimiter in Dialect.delimiters {
      if case .fault(let message, _) = try Self.readHeader(&buffer, delimiter, { fault($0, $1) }) { notCSV = message }
    }
    let bytes = buffer.bytes
    let line = bytes[buffer.start...].prefix { $0 != 0x0A && $0 != 0x0D }
    if let fault = FileFormat.separatorLine(line, file: source) { throw fault }
    let samples = Dialect.delimiters.compactMap { delimiter -> Sample? in
      let sample = Sample(bytes, from: buffer.start, delimiter, skipsSpace: false, isLast: buffer.isLast, candidates)
      guard let sample, sample.isSpaced else { return sample }
      return Sample(bytes, from: buffer.start, delimiter, skipsSpace: true, isLast: buffer.isLast, candidates) ?? sample
    }
    guard !samples.isEmpty else { throw fault(notCSV ?? "the file is empty", "the first line must name the columns") }
    let best = Self.best(samples)
    if let at = UTF8Check.firstInvalidByte(in: bytes.span, buffer.start..<best.headerEnd) {
      throw fault(
        "header: a byte that is not UTF-8", FileFormat.encodingHint(bytes[buffer.start...], file: source),
        column: UTF8Check.scalarCount(in: bytes.span, buffer.start..<at) + 1)
    }
    if let title = best.title {
      let command =
        source == "standard input" ? "tail -n +\(title)" : "tail -n +\(title) \(FileFormat.shellQuoted(source)) | netflix describe -"
      throw fault(
        "line 1 has \(counted(best.filled, "cell")) and line \(title) has \(best.columns)",
        "is the header in line \(title)? \(command)")
    }
    delimiter = best.delimiter
    skipsSpace = best.skipsSpace
    headers = best.headers
    self.bytes = bytes
    if headers.count > Resource.maxFields {
      throw fault("\(headers.count) columns, and a table has room for \(Resource.maxFields)", "is the delimiter one of , ; | or a tab?")
    }
    var seen: Set<String> = []
    for (index, header) in headers.enumerated() where !header.isEmpty {
      if header.utf8.contains(0) { throw fault("the header of column \(index + 1) has U+0000 in it", "is this a text file?") }
      if !seen.insert(Dialect().normalizedHeader(header)).inserted { throw fault("the column \"\(header)\" appears twice", "rename one") }
    }
    if seen.isEmpty { throw fault("column 1 has no header", "name it in the file's first line") }
  }

  /// The delimiter that splits the rows into as many cells as the header, and that gives the most cells with numbers and dates. The header alone does not
  /// decide, since its text may contain any of the delimiters.
  private static func best(_ samples: [Sample]) -> Sample {
    var best: Sample?
    for sample in samples where sample.columns > 1 {
      if let other = best, sample.rank.lexicographicallyPrecedes(other.rank) || sample.rank == other.rank { continue }
      best = sample
    }
    guard let best else { return samples[0] }
    // No row has it, and in the header it is followed by a blank, as in prose; or the header does not have it, and in the rows it is.
    let isProse = best.title == nil ? best.records > 0 && best.matching == 0 && best.isProse : best.skipsSpace && best.typed == 0
    return isProse ? samples.first { $0.columns == 1 } ?? best : best
  }

  /// Splits the header by this delimiter, reading as many bytes as necessary.
  private static func readHeader(
    _ buffer: inout ChunkBuffer, _ delimiter: UInt8, _ fault: (String, String) -> DatasetError
  ) throws -> RecordSplitter.Outcome {
    var dialect = Dialect()
    dialect.delimiter = delimiter
    var splitter = RecordSplitter(dialect)
    while true {
      guard buffer.pending > 0 else { throw fault("the file is empty", "the first line must name the columns") }
      let bytes = buffer.bytes
      let outcome = splitter.split(bytes.span, from: buffer.start, isLast: buffer.isLast)
      if outcome != .more { return outcome }
      guard buffer.pending < 16 << 20 else { throw fault("the first line does not end", "a CSV's first line names its columns") }
      try buffer.fill()
    }
  }

  /// Returns the bytes read so far, so that they can be read again.
  mutating func takeBytes() -> [UInt8] {
    defer { bytes = [] }
    return bytes
  }

  /// The first records, split by one delimiter.
  private struct Sample {
    let delimiter: UInt8
    let skipsSpace: Bool
    private(set) var headers: [String] = []
    private(set) var headerEnd = 0
    /// Cells per row: those of the header, unless line 1 is a title.
    private(set) var columns = 0
    /// The line of the header if a title is above it.
    private(set) var title: Int?
    private(set) var records = 0
    private(set) var matching = 0
    private(set) var typed = 0
    private var spaced = 0
    private var inner = 0
    /// True if a blank follows each delimiter in the header.
    private(set) var isProse = false

    /// Cells of line 1 that are not empty.
    var filled: Int { headers.count { !$0.isEmpty } }

    /// The criteria for this delimiter, compared in this order.
    var rank: [Double] {
      let share = records == 0 ? 1 : Double(matching) / Double(records)
      return [share >= 0.9 ? 1 : share, title == nil ? 1 : 0, Double(typed), Double(skipsSpace ? -inner : -spaced), Double(columns)]
    }

    /// True if every cell after a delimiter begins with a blank.
    var isSpaced: Bool { !skipsSpace && inner > 0 && spaced == inner }

    /// Nil if the first record is not valid CSV with this delimiter.
    init?(_ bytes: [UInt8], from start: Int, _ delimiter: UInt8, skipsSpace: Bool, isLast: Bool, _ candidates: [TypeCandidate]) {
      self.delimiter = delimiter
      self.skipsSpace = skipsSpace
      var dialect = Dialect()
      dialect.delimiter = delimiter
      dialect.skipInitialSpace = skipsSpace
      var splitter = RecordSplitter(dialect)
      guard splitter.split(bytes.span, from: start, isLast: isLast) == .record else { return nil }
      let header = splitter.slices.map { Self.text(bytes, $0) }
      headers = header.map(Field.trimmed)
      headerEnd = splitter.end
      columns = headers.count
      isProse = header.count > 1 && header.dropFirst().allSatisfy { $0.first == " " }
      var rows: [(line: Int, cells: [String])] = []
      var line = 1 + RecordSplitter.lineEnds(bytes.span, start..<splitter.next)
      while rows.count < DialectSniffer.sampleRecords, splitter.next < bytes.count {
        let at = splitter.next
        guard splitter.split(bytes.span, from: at, isLast: isLast) != .more else { break }
        let cells = splitter.slices.map { Self.text(bytes, $0) }
        // A blank line and a row of empty cells are not evidence.
        if !cells.allSatisfy(\.isEmpty) { rows.append((line, cells)) }
        line += RecordSplitter.lineEnds(bytes.span, at..<splitter.next)
      }
      findTitle(rows, candidates)
      if let title { rows.removeAll { $0.line <= title } }
      records = rows.count
      var looked = 0
      for row in rows where row.cells.count == columns {
        matching += 1
        for (index, cell) in row.cells.enumerated() where !cell.isEmpty {
          if index > 0 {
            inner += 1
            if cell.first == " " { spaced += 1 }
          }
          looked += 1
          if looked <= DialectSniffer.sampleCells, Self.isTyped(cell, candidates) { typed += 1 }
        }
      }
    }

    /// Detects a title: a first line of one cell, above a line of several texts with as many cells as the rows below it.
    private mutating func findTitle(_ rows: [(line: Int, cells: [String])], _ candidates: [TypeCandidate]) {
      let widths = Dictionary(grouping: rows.map(\.cells.count).filter { $0 > 1 }, by: { $0 }).mapValues(\.count)
      guard let width = widths.max(by: { ($0.value, $0.key) < ($1.value, $1.key) })?.key else { return }
      guard filled <= 1 ? headers.count == 1 || headers.count == width : headers.count < width else { return }
      guard let index = rows.firstIndex(where: { $0.cells.count == width && !$0.cells.contains(where: \.isEmpty) }) else { return }
      let below = rows[(index + 1)...]
      func hasType(_ row: (line: Int, cells: [String])) -> Bool { row.cells.contains { Self.isTyped($0, candidates) } }
      guard !hasType(rows[index]), !below.isEmpty, below.allSatisfy({ $0.cells.count == width }) else { return }
      // Two texts above rows of three texts may be a header that lacks one.
      guard filled <= 1 || below.contains(where: hasType) else { return }
      columns = width
      title = rows[index].line
    }

    private static func isTyped(_ cell: String, _ candidates: [TypeCandidate]) -> Bool {
      let bytes = Array(Field.trimmed(cell).utf8)
      guard bytes.contains(where: { $0 &- 0x30 < 10 }) else { return false }
      return candidates.contains { candidate in
        var candidate = candidate
        return candidate.observe(bytes, line: 0) && candidate.mismatches.isEmpty
      }
    }

    private static func text(_ bytes: [UInt8], _ slice: RecordSplitter.FieldSlice) -> String {
      guard slice.hasQuotes else { return String(decoding: bytes[slice.range], as: UTF8.self) }
      var unescaped: [UInt8] = []
      var isSecond = false
      for byte in bytes[slice.range] {
        isSecond = byte == UInt8(ascii: "\"") && !isSecond
        if !isSecond { unescaped.append(byte) }
      }
      return String(decoding: unescaped, as: UTF8.self)
    }
  }
}
