import CLibPQ

extension PostgresConnection {
  /// The error of a connection that did not come about.
  static func connectionError(_ handle: OpaquePointer) -> PostgresError {
    let text = String(cString: PQerrorMessage(handle)).replacingLineEnds
    let place = place(of: handle)
    if PQconnectionNeedsPassword(handle) == 1 {
      return PostgresError(kind: .refused, message: "\(place): the server asks for a password and none was given")
    }
    if let sqlstate = sqlstate(in: text) {
      if ["42704", "22023", "42601"].contains(sqlstate) {
        return PostgresError(
          kind: .address, sqlstate: sqlstate, message: "\(place): the server refused a setting of PGOPTIONS or of the address's options=")
      }
      return PostgresError(kind: .init(sqlstate: sqlstate), sqlstate: sqlstate, message: "\(place): \(meaning(of: sqlstate))")
    }
    return PostgresError(kind: .away, message: text.isEmpty ? "\(place): no connection" : text)
  }

  /// A word of the address or of the PG* variables that libpq refused before it asked any server: trying again cannot help. Nil for a server
  /// that is not there. Only what was wrong is told, not its value, which may be a piece of a password.
  static func settingError(_ handle: OpaquePointer) -> PostgresError? {
    let text = String(cString: PQerrorMessage(handle)).replacingLineEnds
    // This process sets no locale, so libpq's own text is English.
    guard text.hasPrefix("invalid ") else { return nil }
    let fault = String(text.prefix { $0 != ":" && $0 != "\"" }).trimmed
    return PostgresError(kind: .address, message: "the database address or a PG* variable has an \(fault)")
  }

  /// At PQERRORS_SQLSTATE a server's error ends `FATAL:  28P01` in any language; of several addresses tried, the last one's counts.
  static func sqlstate(in text: String) -> String? {
    text.split(separator: ";").reversed().lazy.compactMap { part -> String? in
      let word = part.split(separator: " ").last ?? ""
      let isCode = word.utf8.count == 5 && word.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) }
      return isCode && part.contains(":  ") && word.utf8.contains { (0x30...0x39).contains($0) } ? String(word) : nil
    }.first
  }

  private static func meaning(of sqlstate: String) -> String {
    switch sqlstate {
    case "28P01": "the password is not accepted"
    case "28000": "the role is not accepted: it does not exist, or pg_hba.conf does not let it in"
    case "3D000": "there is no such database"
    case "42501": "the role may not connect to the database"
    case "53300": "the server has no connection left"
    case "57P03": "the server is starting or stopping"
    case "57P01", "57P02": "the server is shutting down"
    default: "the server refused the connection"
    }
  }
}
