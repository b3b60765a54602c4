/// The date and time format of a column.
public enum TemporalFormat: Sendable, Equatable {
  /// ISO 8601: `2019-03-31`, `2019-03-31T12:00:00Z` (no zone means UTC), `12:00:00`.
  case iso
  /// A pattern of strptime directives, such as `%d-%m-%Y`.
  case pattern(TimePattern)
}
