/// Reads the first line of a CSV that nobody has described yet: its delimiter and its headers.
struct HeaderSniffer {
  let delimiter: UInt8
  /// Trimmed, none empty and no two equal once blanks are folded.
  let headers: [String]
  private var bytes: [UInt8] = []

  init(source: String, read: @escaping (inout [UInt8]) throws -> Int) throws {
    var buffer = ChunkBuffer(read: read)
    while buffer.pending < 3, !buffer.isLast { try buffer.fill() }
    let start = buffer.bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    func fault(_ message: String, _ advice: String) -> DatasetError {
      DatasetError(.data, message, file: source, line: 1, column: 1, advice: advice)
    }
    if buffer.bytes.starts(with: [0xFF, 0xFE]) || buffer.bytes.starts(with: [0xFE, 0xFF]) {
      throw fault("this is UTF-16", "convert it: iconv -f utf-16 -t utf-8")
    }
    var best: (delimiter: UInt8, headers: [String])?
    var notCSV: String?
    for delimiter in [UInt8(ascii: ","), UInt8(ascii: ";"), 0x09, UInt8(ascii: "|")] {
      let (outcome, splitter) = try Self.split(&buffer, from: start, delimiter, fault)
      if case .fault(let message, _) = outcome {
        notCSV = message
        continue
      }
      let names = splitter.pieces.map { Field.trimmed(Self.text(buffer.bytes[$0.range], $0.hasQuotes)) }
      if names.count > (best?.headers.count ?? 0) { best = (delimiter, names) }
    }
    bytes = buffer.bytes
    guard let best else { throw fault(notCSV ?? "the file is empty", "the first line must name the columns") }
    delimiter = best.delimiter
    headers = best.headers
    if headers.count > Resource.mostFields {
      throw fault("\(headers.count) columns, and a table has room for \(Resource.mostFields)", "is the delimiter one of , ; | or a tab?")
    }
    var seen: Set<String> = []
    for (index, header) in headers.enumerated() {
      if header.isEmpty { throw fault("column \(index + 1) has no header", "name it in the file's first line") }
      if header.utf8.contains(0) { throw fault("the header of column \(index + 1) has U+0000 in it", "is this a text file?") }
      if !seen.insert(Dialect().folded(header)).inserted { throw fault("the column \"\(header)\" is there twice", "rename one") }
    }
  }

  /// Splits the first record by this delimiter, reading as much as that takes.
  private static func split(
    _ buffer: inout ChunkBuffer, from start: Int, _ delimiter: UInt8, _ fault: (String, String) -> DatasetError
  ) throws -> (RecordSplitter.Outcome, RecordSplitter) {
    var dialect = Dialect()
    dialect.delimiter = delimiter
    var splitter = RecordSplitter(dialect)
    while true {
      guard buffer.pending > start else { throw fault("the file is empty", "its first line must name the columns") }
      let bytes = buffer.bytes
      let outcome = splitter.split(bytes.span, from: start, isLast: buffer.isLast)
      if outcome != .more {
        if let at = UTF8Check.firstFault(in: bytes.span, start..<splitter.end) {
          throw fault("byte \(at + 1) is not UTF-8", "convert the file: iconv -f latin1 -t utf-8")
        }
        return (outcome, splitter)
      }
      guard buffer.pending < 16 << 20 else { throw fault("the first line does not end", "a CSV's first line names its columns") }
      try buffer.fill()
    }
  }

  /// What was read so far, to be read again.
  mutating func takeBytes() -> [UInt8] {
    defer { bytes = [] }
    return bytes
  }

  private static func text(_ bytes: ArraySlice<UInt8>, _ hasQuotes: Bool) -> String {
    guard hasQuotes else { return String(decoding: bytes, as: UTF8.self) }
    var unescaped: [UInt8] = []
    var isSecond = false
    for byte in bytes {
      isSecond = byte == UInt8(ascii: "\"") && !isSecond
      if !isSecond { unescaped.append(byte) }
    }
    return String(decoding: unescaped, as: UTF8.self)
  }
}
