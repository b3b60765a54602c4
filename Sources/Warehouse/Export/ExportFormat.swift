/// The output formats of an export.
public enum ExportFormat: String, Sendable, CaseIterable {
  /// RFC 4180 with a header; NULL is an empty cell, empty text is `""`.
  case csv
  /// One array of objects, one row per line; numbers keep their digits, NULL is null.
  case json
}

/// One value of an exported row.
enum ExportValue {
  case null
  /// The number's spelling.
  case number(String)
  case boolean(Bool)
  case text(String)
}
