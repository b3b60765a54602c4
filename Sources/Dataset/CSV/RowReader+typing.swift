extension RowReader {
  /// Parses the current record, cell by cell.
  mutating func type(into row: inout Row) -> Outcome {
    let record = buffer.start..<splitter.end
    if let fault = UTF8Check.firstFault(in: buffer.bytes.span, record) {
      return .rejected(bad(RejectReason(.invalidUTF8, "a byte that is not UTF-8 (0x\(String(buffer.bytes[fault], radix: 16)))"), at: fault))
    }
    let pieces = splitter.pieces
    guard pieces.count == fieldOfColumn.count else { return .rejected(misshapen(pieces)) }
    row.clear(count: readers.count)
    for (column, piece) in pieces.enumerated() {
      let field = fieldOfColumn[column]
      if field < 0 { continue }
      do throws(RejectReason) {
        if piece.hasQuotes {
          unescape(piece.range)
          row.cells[field] = try readers[field].read(scratch.span, 0..<scratch.count, into: &row.text)
        } else {
          row.cells[field] = try readers[field].read(buffer.bytes.span, piece.range, into: &row.text)
        }
      } catch {
        return .rejected(bad(error, at: piece.place))
      }
    }
    return .row
  }

  /// Writes the cell of `range` to `scratch`, with each doubled quote as one.
  mutating func unescape(_ range: Range<Int>) {
    scratch.removeAll(keepingCapacity: true)
    let bytes = buffer.bytes
    var at = range.lowerBound
    while at < range.upperBound {
      scratch.append(bytes[at])
      at += bytes[at] == splitter.quote ? 2 : 1
    }
  }

  private func misshapen(_ pieces: [RecordSplitter.FieldSlice]) -> RejectedRow {
    let wanted = fieldOfColumn.count
    if splitter.end == buffer.start { return bad(RejectReason(.shape, "a blank line"), at: buffer.start) }
    let cells = "\(pieces.count) cell\(pieces.count == 1 ? "" : "s"), and the header has \(wanted)"
    if pieces.count > wanted { return bad(RejectReason(.shape, "too long: \(cells)"), at: pieces[wanted].place) }
    return bad(RejectReason(.shape, "too short: \(cells)"), at: splitter.end)
  }
}
