extension RowReader {
  /// For each column of the file the index of its field or -1, and the headers without a field.
  mutating func matchHeader() throws -> (columns: [Int], ignored: [String]) {
    guard let outcome = try splitNext() else {
      throw DatasetError(
        .data, "the file is empty", file: source, line: 1, column: 1,
        advice: "its first line must be the header: \(resource.fields.map(\.header).joined(separator: ", "))")
    }
    line = nextLine
    if case .fault(let message, let at) = outcome { throw headerFault(message, at: at) }
    if let at = UTF8Check.firstFault(in: buffer.bytes.span, buffer.start..<splitter.end) {
      throw headerFault(
        "a byte that is not UTF-8", at: at, advice: FileFormat.encodingAdvice(buffer.bytes[buffer.start..<splitter.end], file: source))
    }
    if let fault = FileFormat.separatorLine(buffer.bytes[buffer.start..<splitter.end], file: source) { throw fault }
    let wanted = resource.fields.map { resource.dialect.folded($0.header) }
    var columns: [Int] = []
    var ignored: [String] = []
    var seen: Set<String> = []
    for piece in splitter.pieces {
      let header = text(of: piece)
      let folded = resource.dialect.folded(header)
      if !folded.isEmpty, !seen.insert(folded).inserted {
        throw headerFault("the column \"\(folded)\" appears twice", at: piece.place, advice: "rename one")
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
      let advice = try misplacedHeaderAdvice(wanted)
      let what = missing.count == 1 ? "the column \(missing[0]) is missing" : "the columns \(missing.joined(separator: ", ")) are missing"
      let unknown = ignored.filter { !$0.isEmpty }.prefix(8).map { "\"\(UTF8Check.shown(Array($0.utf8).span, 0..<$0.utf8.count))\"" }
      throw headerFault(
        what, at: buffer.start,
        advice: advice
          ?? (unknown.isEmpty
            ? "add it, or describe the file as it is"
            : "the file contains undeclared columns: \(unknown.joined(separator: ", "))"))
    }
    nextLine += lineEnds(buffer.start..<splitter.next)
    buffer.start = splitter.next
    return (columns, ignored)
  }

  /// A hint for a header that is below a title or uses another delimiter than described; nil if neither is the case.
  private mutating func misplacedHeaderAdvice(_ wanted: [String]) throws -> String? {
    for delimiter in Dialect.delimiters where delimiter != resource.dialect.delimiter {
      var dialect = resource.dialect
      dialect.delimiter = delimiter
      if let headers = headers(dialect, from: buffer.start)?.names, wanted.allSatisfy(headers.contains) {
        let quoted = delimiter == 0x09 ? "\\t" : String(decoding: [delimiter], as: UTF8.self)
        return "the file has another delimiter: set \"dialect\": {\"delimiter\": \"\(quoted)\"} in the description"
      }
    }
    // A title has at most a few lines.
    var at = splitter.next
    var below = line + lineEnds(buffer.start..<at)
    for _ in 0..<20 {
      guard let (names, next) = headers(resource.dialect, from: at) else { return nil }
      if wanted.allSatisfy(names.contains) {
        return "the header is in line \(below); remove the lines above it: \(FileFormat.command("tail -n +\(below)", source))"
      }
      below += lineEnds(at..<next)
      at = next
    }
    return nil
  }

  /// The record at `start` as folded headers, and the offset of the next record; nil if it ends beyond the bytes in memory.
  private func headers(_ dialect: Dialect, from start: Int) -> (names: [String], next: Int)? {
    var splitter = RecordSplitter(dialect)
    guard start < buffer.bytes.count, splitter.split(buffer.bytes.span, from: start, isLast: buffer.isLast) == .record else { return nil }
    return (splitter.pieces.map { dialect.folded(String(decoding: buffer.bytes[$0.range], as: UTF8.self)) }, splitter.next)
  }

  private mutating func text(of piece: RecordSplitter.FieldSlice) -> String {
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
