/// How rows are written out.
public enum ExportFormat: String, Sendable, CaseIterable {
  /// RFC 4180 with a header; NULL is an empty cell, an empty text is `""`.
  case csv
  /// One array of objects, a row a line; numbers keep their digits, NULL is null.
  case json
}

/// One value of a row on its way out.
enum ExportValue {
  case null
  /// A number's own text.
  case number(String)
  case boolean(Bool)
  case text(String)
}
