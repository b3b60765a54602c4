/// A strptime pattern, such as `%d-%m-%Y`. Directives: %Y %y %m %b %B %d %H %I %p %M %S %f %z %a %A %%. Names are English.
package struct TimePattern: Sendable, Equatable {
  enum Item: Sendable, Equatable {
    case literal(UInt8)
    /// One or more blanks.
    case blanks
    case directive(UInt8)
  }

  /// The pattern as the description spells it.
  package let source: String
  let items: [Item]

  static let directives = "YymbBdHIpMSfzaA"

  /// Throws ParseError if a directive is not supported.
  init(_ source: String) throws(ParseError) {
    var items: [Item] = []
    var bytes = Array(source.utf8)[...]
    while let byte = bytes.popFirst() {
      if byte == UInt8(ascii: "%") {
        guard let letter = bytes.popFirst() else { throw ParseError(message: "ends in a lone %") }
        if letter == UInt8(ascii: "%") {
          items.append(.literal(letter))
        } else if Self.directives.utf8.contains(letter) {
          items.append(.directive(letter))
        } else {
          throw ParseError(message: "the directive %\(String(decoding: [letter], as: UTF8.self)) is not supported")
        }
      } else if byte == 0x20 || byte == 0x09 {
        if items.last != .blanks { items.append(.blanks) }
      } else {
        items.append(.literal(byte))
      }
    }
    self.source = source
    self.items = items
  }

  struct ParseError: Error { let message: String }

  func has(_ letters: String) -> Bool {
    items.contains { item in
      if case .directive(let letter) = item { return letters.utf8.contains(letter) }
      return false
    }
  }

  /// True if year, month and day can be read.
  var givesDate: Bool { has("Yy") && has("mbB") && has("d") }
  /// True if at least the hour can be read unambiguously.
  var givesTime: Bool { has("H") || (has("I") && has("p")) }
  var hasDateParts: Bool { has("YymbBdaA") }
  var hasTimeParts: Bool { has("HIpMSfz") }
}

extension TimePattern {
  private static let months = [
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december",
  ]
  private static let days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]

  /// Reads all of `range`. One digit is enough for a part that usually has two, as in C's and Python's strptime. Nil if it does not match.
  func read(_ bytes: Span<UInt8>, _ range: Range<Int>) -> DateTimeComponents? {
    var moment = DateTimeComponents()
    var at = range.lowerBound
    let end = range.upperBound
    var afternoon: Bool?
    for item in items {
      switch item {
      case .literal(let byte):
        guard at < end, bytes[at] == byte else { return nil }
        at += 1
      case .blanks:
        guard at < end, bytes[at] == 0x20 || bytes[at] == 0x09 else { return nil }
        while at < end, bytes[at] == 0x20 || bytes[at] == 0x09 { at += 1 }
      case .directive(let letter):
        guard read(letter, bytes, &at, end, &moment, &afternoon) else { return nil }
      }
    }
    guard at == end else { return nil }
    if let afternoon {
      guard moment.hour >= 1, moment.hour <= 12 else { return nil }
      moment.hour = moment.hour % 12 + (afternoon ? 12 : 0)
    }
    return moment
  }

  private func read(
    _ letter: UInt8, _ bytes: Span<UInt8>, _ at: inout Int, _ end: Int, _ moment: inout DateTimeComponents, _ afternoon: inout Bool?
  ) -> Bool {
    switch letter {
    case UInt8(ascii: "Y"):
      guard end - at >= 4, let year = ISOTime.number(bytes, at, 4) else { return false }
      moment.year = year
      at += 4
    case UInt8(ascii: "y"):
      guard end - at >= 2, let year = ISOTime.number(bytes, at, 2) else { return false }
      // POSIX: 69–99 are 1969–1999.
      moment.year = year >= 69 ? 1900 + year : 2000 + year
      at += 2
    case UInt8(ascii: "m"): return Self.upToTwoDigits(bytes, &at, end, &moment.month)
    case UInt8(ascii: "d"): return Self.upToTwoDigits(bytes, &at, end, &moment.day)
    case UInt8(ascii: "H"), UInt8(ascii: "I"): return Self.upToTwoDigits(bytes, &at, end, &moment.hour)
    case UInt8(ascii: "M"): return Self.upToTwoDigits(bytes, &at, end, &moment.minute)
    case UInt8(ascii: "S"): return Self.upToTwoDigits(bytes, &at, end, &moment.second)
    case UInt8(ascii: "f"): return ISOTime.readFraction(bytes, &at, end, &moment)
    case UInt8(ascii: "z"): return ISOTime.readZone(bytes, &at, end, &moment)
    case UInt8(ascii: "p"):
      guard let half = Self.name(["am", "pm"], short: false, bytes, &at, end) else { return false }
      afternoon = half == 1
    case UInt8(ascii: "b"), UInt8(ascii: "B"):
      guard let month = Self.name(Self.months, short: letter == UInt8(ascii: "b"), bytes, &at, end) else { return false }
      moment.month = month + 1
    case UInt8(ascii: "a"), UInt8(ascii: "A"):
      return Self.name(Self.days, short: letter == UInt8(ascii: "a"), bytes, &at, end) != nil
    default: return false
    }
    return true
  }

  private static func upToTwoDigits(_ bytes: Span<UInt8>, _ at: inout Int, _ end: Int, _ value: inout Int) -> Bool {
    guard at < end, bytes[at] &- 0x30 < 10 else { return false }
    value = Int(bytes[at] &- 0x30)
    at += 1
    if at < end, bytes[at] &- 0x30 < 10 {
      value = value * 10 + Int(bytes[at] &- 0x30)
      at += 1
    }
    return true
  }

  /// The index of the name at `at`, in any case; with `short` only its first three letters.
  private static func name(_ names: [String], short: Bool, _ bytes: Span<UInt8>, _ at: inout Int, _ end: Int) -> Int? {
    for (index, name) in names.enumerated() {
      let length = short ? 3 : name.utf8.count
      guard end - at >= length else { continue }
      var offset = 0
      for letter in name.utf8.prefix(length) {
        if bytes[at + offset] | 0x20 != letter { break }
        offset += 1
      }
      if offset == length {
        at += length
        return index
      }
    }
    return nil
  }
}
