import CLibPQ

extension PostgresConnection {
  /// A name as SQL writes it: `"a name"`.
  public func quoteIdentifier(_ name: String) throws(PostgresError) -> String {
    try quote(name) { handle, text, count in PQescapeIdentifier(handle, text, count) }
  }

  /// A string as SQL writes it: `'it''s'`.
  public func quoteLiteral(_ text: String) throws(PostgresError) -> String {
    try quote(text) { handle, text, count in PQescapeLiteral(handle, text, count) }
  }

  /// `schema.table` with each part quoted; a name without a point is left to the search path.
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
