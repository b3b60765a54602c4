import CLibPQ

extension PostgresConnection {
  /// Quotes a name as an SQL identifier: `"a name"`.
  public func quoteIdentifier(_ name: String) throws(PostgresError) -> String {
    try quote(name) { handle, text, count in PQescapeIdentifier(handle, text, count) }
  }

  /// Quotes a string as an SQL literal: `'it''s'`.
  public func quoteLiteral(_ text: String) throws(PostgresError) -> String {
    try quote(text) { handle, text, count in PQescapeLiteral(handle, text, count) }
  }

  /// Quotes each part of `schema.table`; a name without a dot is resolved with the search path.
  public func quoteTable(_ name: String) throws(PostgresError) -> String {
    var parts: [String] = []
    for part in name.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false) {
      parts.append(try quoteIdentifier(String(part)))
    }
    return parts.joined(separator: ".")
  }

  private func quote(
    _ text: String, _ escape: (OpaquePointer, UnsafePointer<CChar>, Int) -> UnsafeMutablePointer<CChar>?
  ) throws(PostgresError) -> String {
    let handle = try handle()
    try Self.checkText(text)
    guard let quoted = escape(handle, text, text.utf8.count) else {
      throw PostgresError(kind: .data, message: "libpq cannot quote this text")
    }
    defer { PQfreemem(quoted) }
    return String(cString: quoted)
  }
}
