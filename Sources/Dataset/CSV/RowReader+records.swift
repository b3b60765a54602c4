extension RowReader {
  /// Splits the next record that is neither a comment nor a blank line at the end; nil at the end.
  mutating func splitNext() throws -> RecordSplitter.Outcome? {
    while true {
      if buffer.pending == 0 {
        if buffer.isLast { return nil }
        try buffer.fill()
        continue
      }
      if let comment = resource.dialect.comment, buffer.bytes[buffer.start] == comment {
        try skipLine()
        continue
      }
      let outcome = split()
      if outcome == .more {
        guard buffer.pending <= maximumRecordBytes else { throw tooLong() }
        try buffer.fill()
        continue
      }
      if splitter.end - buffer.start > maximumRecordBytes { throw tooLong() }
      if splitter.end > buffer.start {
        isInBlankRun = false
      } else if !isInBlankRun {
        if try skipBlankEnd() { return nil }
        isInBlankRun = true
      }
      return outcome
    }
  }

  /// Splits the current record. The copy is a reference; it is released before the buffer is filled again.
  private mutating func split() -> RecordSplitter.Outcome {
    let bytes = buffer.bytes
    return splitter.split(bytes.span, from: buffer.start, isLast: buffer.isLast)
  }

  /// At a blank line: true if only blank lines follow; they are then consumed.
  private mutating func skipBlankEnd() throws -> Bool {
    var at = buffer.start
    while true {
      while at < buffer.bytes.count, buffer.bytes[at] == 0x0A || buffer.bytes[at] == 0x0D { at += 1 }
      if at < buffer.bytes.count { break }
      if buffer.isLast {
        buffer.start = at
        return true
      }
      let seen = at - buffer.start
      guard buffer.pending <= maximumRecordBytes else { throw tooLong() }
      try buffer.fill()
      at = buffer.start + seen
    }
    // The buffer may have moved.
    _ = split()
    return false
  }

  /// Skips a comment, which ends with its line even if it contains quotes.
  private mutating func skipLine() throws {
    var at = buffer.start
    while true {
      while at < buffer.bytes.count, buffer.bytes[at] != 0x0A, buffer.bytes[at] != 0x0D { at += 1 }
      if at + 1 < buffer.bytes.count || buffer.isLast { break }
      let seen = at - buffer.start
      guard buffer.pending <= maximumRecordBytes else { throw tooLong() }
      try buffer.fill()
      at = buffer.start + seen
    }
    buffer.start = at < buffer.bytes.count ? RecordSplitter.lineEnd(buffer.bytes.span, at) : at
    nextLine += 1
  }

  private func tooLong() -> DatasetError {
    DatasetError(
      .data, "a record of more than \(maximumRecordBytes) bytes begins here", file: source, line: nextLine, column: 1,
      advice: "most likely a quote in it is never closed")
  }

  func lineEnds(_ range: Range<Int>) -> Int { RecordSplitter.lineEnds(buffer.bytes.span, range) }

  /// The current record as a rejected row, with its fault at byte `at`.
  func bad(_ reason: RejectReason, at: Int) -> RejectedRow {
    let bytes = buffer.bytes.span
    let before = buffer.start..<at
    var start = buffer.start
    for index in before where bytes[index] == 0x0A || bytes[index] == 0x0D { start = index + 1 }
    return RejectedRow(
      line: line + lineEnds(before), column: UTF8Check.scalarCount(in: bytes, start..<at) + 1, reason: reason,
      original: Array(buffer.bytes[buffer.start..<max(buffer.start, splitter.end)]))
  }
}
