extension RowReader {
  mutating func skipByteOrderMark() throws {
    while buffer.pending < 3, !buffer.isLast { try buffer.fill() }
    let head = buffer.bytes.prefix(3)
    if head.elementsEqual([0xEF, 0xBB, 0xBF]) { buffer.start = 3 }
    if head.starts(with: [0xFF, 0xFE]) || head.starts(with: [0xFE, 0xFF]) {
      throw DatasetError(
        .data, "this is UTF-16", file: source, line: 1, column: 1, advice: "convert it: iconv -f utf-16 -t utf-8")
    }
  }

  /// For each column of the file the index of its field or -1, and the headers that have none.
  mutating func matchHeader() throws -> (columns: [Int], ignored: [String]) {
    guard let outcome = try splitNext() else {
      throw DatasetError(
        .data, "the file is empty", file: source, line: 1, column: 1,
        advice: "its first line must be the header: \(resource.fields.map(\.header).joined(separator: ", "))")
    }
    line = nextLine
    if case .fault(let message, let at) = outcome { throw headerFault(message, at: at) }
    if let at = UTF8Check.firstFault(in: buffer.bytes.span, buffer.start..<splitter.end) {
      throw headerFault("a byte that is not UTF-8", at: at, advice: "convert the file: iconv -f latin1 -t utf-8")
    }
    let wanted = resource.fields.map { resource.dialect.folded($0.header) }
    var columns: [Int] = []
    var ignored: [String] = []
    var seen: Set<String> = []
    for piece in splitter.pieces {
      let header = text(of: piece)
      let folded = resource.dialect.folded(header)
      if !folded.isEmpty, !seen.insert(folded).inserted {
        throw headerFault("the column \"\(folded)\" is there twice", at: piece.place, advice: "rename one")
      }
      let field = wanted.firstIndex(of: folded)
      if field == nil {
        if resource.dialect.headerMatch != .subset {
          throw headerFault(
            "the column \"\(folded)\" is not described", at: piece.place, advice: "describe it, or set fieldsMatch to subset")
        }
        ignored.append(Field.trimmed(header))
      }
      if resource.dialect.headerMatch == .exact, field != columns.count {
        throw headerFault(
          "the column \"\(folded)\" is not in the description's order", at: piece.place, advice: "fieldsMatch: equal allows any")
      }
      columns.append(field ?? -1)
    }
    let missing = resource.fields.indices.filter { !columns.contains($0) }.map { "\"\(resource.fields[$0].header)\"" }
    if !missing.isEmpty {
      let what = missing.count == 1 ? "the column \(missing[0]) is missing" : "the columns \(missing.joined(separator: ", ")) are missing"
      let unknown = ignored.filter { !$0.isEmpty }.prefix(8).map { "\"\(UTF8Check.shown(Array($0.utf8).span, 0..<$0.utf8.count))\"" }
      throw headerFault(
        what, at: buffer.start,
        advice: unknown.isEmpty
          ? "add it, or describe the file as it is" : "the file has \(unknown.joined(separator: ", ")), which the description has not")
    }
    nextLine += lineEnds(buffer.start..<splitter.next)
    buffer.start = splitter.next
    return (columns, ignored)
  }

  private mutating func text(of piece: RecordSplitter.Piece) -> String {
    if piece.hasQuotes {
      unescape(piece.range)
      return String(decoding: scratch, as: UTF8.self)
    }
    return String(decoding: buffer.bytes[piece.range], as: UTF8.self)
  }

  private func headerFault(_ message: String, at: Int, advice: String? = nil) -> DatasetError {
    let place = bad(RejectReason(.shape, message), at: at)
    return DatasetError(.data, "header: \(message)", file: source, line: place.line, column: place.column, advice: advice)
  }
}
