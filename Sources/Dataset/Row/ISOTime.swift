import Support

/// Dates and times in the format of ISO 8601 and XML Schema: Table Schema's `default` format, and the format in JSON.
package enum ISOTime {
  /// Microseconds since 1970-01-01T00:00:00Z of a date, which is its midnight in UTC, or of a date and time (RFC 3339); nil if it is neither.
  package static func instant(_ text: String) -> Int64? {
    let bytes = Array(text.utf8)
    return date(bytes.span, bytes.indices).map { $0 * 86_400_000_000 } ?? datetime(bytes.span, bytes.indices)
  }

  /// Days since 1970-01-01 of `yyyy-mm-dd`, or nil.
  static func date(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Int64? {
    guard range.count == 10 else { return nil }
    var moment = DateTimeComponents()
    var at = range.lowerBound
    guard readDate(bytes, &at, range.upperBound, &moment) else { return nil }
    return moment.days
  }

  /// Microseconds since midnight of `hh:mm:ss` with up to six digits of a fraction, or nil.
  static func time(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Int64? {
    var moment = DateTimeComponents()
    var at = range.lowerBound
    guard readTime(bytes, &at, range.upperBound, &moment), at == range.upperBound else { return nil }
    return moment.timeOfDay
  }

  /// Microseconds since 1970-01-01T00:00:00Z of `yyyy-mm-ddThh:mm:ss[.ffffff][Z|±hh[:mm]]`, or nil. The T may be a blank, as in SQL (RFC 3339
  /// allows it); the default zone is UTC. Years outside 1...9999 in UTC give nil.
  static func datetime(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Int64? {
    var moment = DateTimeComponents()
    var at = range.lowerBound
    let end = range.upperBound
    guard readDate(bytes, &at, end, &moment), at < end, bytes[at] | 0x20 == UInt8(ascii: "t") || bytes[at] == 0x20 else { return nil }
    at += 1
    guard readTime(bytes, &at, end, &moment) else { return nil }
    if at < end { guard readZone(bytes, &at, end, &moment) else { return nil } }
    guard at == end, let instant = moment.instant, isInRange(instant) else { return nil }
    return instant
  }

  /// True from 0001-01-01T00:00:00Z to the end of 9999.
  static func isInRange(_ instant: Int64) -> Bool {
    instant >= -719_162 * 86_400_000_000 && instant < 2_932_897 * 86_400_000_000
  }

  private static func readDate(_ bytes: Span<UInt8>, _ at: inout Int, _ end: Int, _ moment: inout DateTimeComponents) -> Bool {
    guard end - at >= 10, bytes[at + 4] == UInt8(ascii: "-"), bytes[at + 7] == UInt8(ascii: "-"), let year = number(bytes, at, 4),
      let month = number(bytes, at + 5, 2), let day = number(bytes, at + 8, 2)
    else { return false }
    moment.year = year
    moment.month = month
    moment.day = day
    at += 10
    return true
  }

  private static func readTime(_ bytes: Span<UInt8>, _ at: inout Int, _ end: Int, _ moment: inout DateTimeComponents) -> Bool {
    guard end - at >= 8, bytes[at + 2] == UInt8(ascii: ":"), bytes[at + 5] == UInt8(ascii: ":"), let hour = number(bytes, at, 2),
      let minute = number(bytes, at + 3, 2), let second = number(bytes, at + 6, 2)
    else { return false }
    moment.hour = hour
    moment.minute = minute
    moment.second = second
    at += 8
    if at < end, bytes[at] == UInt8(ascii: ".") {
      at += 1
      return readFraction(bytes, &at, end, &moment)
    }
    return true
  }

  /// Reads at least one digit. Digits below the microsecond must be zeros, since neither a row nor Postgres can store them.
  static func readFraction(_ bytes: Span<UInt8>, _ at: inout Int, _ end: Int, _ moment: inout DateTimeComponents) -> Bool {
    var digits = 0
    var value = 0
    while at < end, bytes[at] &- 0x30 < 10 {
      if digits < 6 { value = value * 10 + Int(bytes[at] &- 0x30) } else if bytes[at] != UInt8(ascii: "0") { return false }
      digits += 1
      at += 1
    }
    guard digits > 0 else { return false }
    while digits < 6 {
      value *= 10
      digits += 1
    }
    moment.microsecond = value
    return true
  }

  /// Reads `Z`, `±hh:mm`, `±hhmm` or `±hh`.
  static func readZone(_ bytes: Span<UInt8>, _ at: inout Int, _ end: Int, _ moment: inout DateTimeComponents) -> Bool {
    guard at < end else { return false }
    let sign = bytes[at]
    at += 1
    if sign == UInt8(ascii: "Z") || sign == UInt8(ascii: "z") { return true }
    guard sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-"), end - at >= 2, let hours = number(bytes, at, 2), hours < 24 else {
      return false
    }
    at += 2
    var minutes = 0
    if at < end, bytes[at] == UInt8(ascii: ":") || bytes[at] &- 0x30 < 10 {
      if bytes[at] == UInt8(ascii: ":") { at += 1 }
      guard end - at >= 2, let number = number(bytes, at, 2), number < 60 else { return false }
      minutes = number
      at += 2
    }
    moment.offsetSeconds = (hours * 60 + minutes) * (sign == UInt8(ascii: "-") ? -60 : 60)
    return true
  }

  /// The value of exactly `count` digits at `at`, which must be inside `bytes`; nil if one is not a digit.
  static func number(_ bytes: Span<UInt8>, _ at: Int, _ count: Int) -> Int? {
    var value = 0
    for index in at..<at + count {
      let digit = bytes[index] &- 0x30
      guard digit < 10 else { return nil }
      value = value * 10 + Int(digit)
    }
    return value
  }
}

/// The parts of a date and a time, as read from text.
struct DateTimeComponents {
  var year = 1970
  var month = 1
  var day = 1
  var hour = 0
  var minute = 0
  var second = 0
  var microsecond = 0
  /// Offset east of UTC.
  var offsetSeconds = 0

  /// Days since 1970-01-01; nil if the day does not exist.
  var days: Int64? { GregorianCalendar.days(year: year, month: month, day: day) }

  /// Microseconds since midnight.
  var timeOfDay: Int64? {
    guard hour < 24, minute < 60, second < 60 else { return nil }
    return Int64((hour * 60 + minute) * 60 + second) * 1_000_000 + Int64(microsecond)
  }

  /// Microseconds since 1970-01-01T00:00:00Z.
  var instant: Int64? {
    guard let days, let timeOfDay else { return nil }
    return days * 86_400_000_000 + timeOfDay - Int64(offsetSeconds) * 1_000_000
  }
}
