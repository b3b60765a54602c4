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
