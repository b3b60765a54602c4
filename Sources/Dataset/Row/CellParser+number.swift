extension CellParser {
  /// Parses a number in the field's format.
  func number(
    _ bytes: Span<UInt8>, _ range: Range<Int>, _ format: NumberFormat, into text: inout [UInt8]
  ) throws(DecimalParser.ParseError) -> Cell {
    let isWhole = if case .integer = type { true } else { false }
    if format.isPlain {
      return isWhole ? try DecimalParser.integer(bytes, range) : try DecimalParser.number(bytes, range, into: &text)
    }
    let plain = try plainSpelling(bytes, range, format)
    return isWhole
      ? try DecimalParser.integer(plain.span, 0..<plain.count) : try DecimalParser.number(plain.span, 0..<plain.count, into: &text)
  }

  /// The number in JSON's spelling: without units and groups, and with a decimal point.
  private func plainSpelling(_ bytes: Span<UInt8>, _ range: Range<Int>, _ format: NumberFormat) throws(DecimalParser.ParseError) -> [UInt8]
  {
    var cell: [UInt8] = []
    for index in range { cell.append(bytes[index]) }
    if !format.bareNumber { cell = try bare(cell, point: Array(format.decimalChar.utf8)) }
    let group = Array((format.groupChar ?? "").utf8)
    let point = Array(format.decimalChar.utf8)
    if !group.isEmpty, !Self.isGrouped(cell, by: group, point: point) { throw .notANumber }
    var plain: [UInt8] = []
    var at = 0
    var fraction = false
    while at < cell.count {
      if cell[at...].starts(with: point) {
        plain.append(UInt8(ascii: "."))
        at += point.count
        fraction = true
      } else if !group.isEmpty, !fraction, cell[at...].starts(with: group) {
        at += group.count
      } else {
        // A point that is not this column's decimal character would be read as one.
        if cell[at] == UInt8(ascii: ".") { throw .notANumber }
        plain.append(cell[at])
        at += 1
      }
    }
    return plain
  }

  /// True if three digits follow each group mark, counted from the decimal mark, and the first group has one to three digits and no leading
  /// zero. A mark elsewhere is most likely a decimal mark (1.5 is not 15, and 0.500 is not 500).
  private static func isGrouped(_ cell: [UInt8], by group: [UInt8], point: [UInt8]) -> Bool {
    var whole = cell[...]
    if whole.first == UInt8(ascii: "-") || whole.first == UInt8(ascii: "+") { whole.removeFirst() }
    var sizes = [0]
    let first = whole.first
    while let byte = whole.first, !whole.starts(with: point) {
      if whole.starts(with: group) {
        sizes.append(0)
        whole.removeFirst(group.count)
      } else {
        guard byte &- 0x30 < 10 || sizes.count == 1 else { return false }
        sizes[sizes.count - 1] += 1
        whole.removeFirst()
      }
    }
    return sizes.count == 1 || ((1...3).contains(sizes[0]) && first != UInt8(ascii: "0") && sizes.dropFirst().allSatisfy { $0 == 3 })
  }

  /// The number without the text before its first digit or sign and after its last digit. A number in parentheses is rejected: accountants mean
  /// its negative, others do not.
  private func bare(_ cell: [UInt8], point: [UInt8]) throws(DecimalParser.ParseError) -> [UInt8] {
    func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }
    if cell.contains(UInt8(ascii: "(")) { throw .notANumber }
    guard let first = cell.firstIndex(where: { isDigit($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "+") }),
      let last = cell.lastIndex(where: isDigit), first <= last
    else { throw .notANumber }
    // The sign may precede the unit: -$12.
    guard let digit = cell.firstIndex(where: isDigit) else { throw .notANumber }
    // Ambiguous: Rs. 500 or .500, which differ by a factor of 1000.
    if cell[..<digit].suffix(point.count).elementsEqual(point) { throw .notANumber }
    let sign = isDigit(cell[first]) ? [] : [cell[first]]
    return sign + cell[digit...last]
  }
}
