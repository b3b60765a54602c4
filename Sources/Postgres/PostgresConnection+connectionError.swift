import CLibPQ
import Glibc

extension PostgresConnection {
  /// The error of a connection attempt that failed.
  static func connectionError(_ handle: OpaquePointer) -> PostgresError {
    let text = String(cString: PQerrorMessage(handle)).replacingLineEnds
    let place = place(of: handle)
    if PQconnectionNeedsPassword(handle) == 1 {
      return PostgresError(kind: .unauthorized, message: "\(place): the server requires a password, and none was given")
    }
    if let sqlstate = sqlstate(in: text) {
      if ["42704", "22023", "42601"].contains(sqlstate) {
        return PostgresError(
          kind: .invalidConnectionString, sqlstate: sqlstate,
          message: "\(place): the server rejected a setting of PGOPTIONS or of the address's options=")
      }
      var error = PostgresError(kind: .init(sqlstate: sqlstate), sqlstate: sqlstate, message: "\(place): \(meaning(of: sqlstate))")
      if sqlstate == "28000", PQsslInUse(handle) == 0 {
        error.advice = "Check the role and pg_hba.conf. If pg_hba.conf has only hostssl lines for it, connect with TLS: sslmode=require."
      }
      return error
    }
    return tlsError(text, place) ?? PostgresError(kind: .unavailable, message: text.isEmpty ? "\(place): no connection" : text)
  }

  /// The error of a keyword in the address or of a PG* variable that libpq rejected before it contacted a server: a retry cannot help. Nil
  /// if the server is unavailable. The message names the setting, not its value, which may be a part of a password.
  static func settingError(_ handle: OpaquePointer) -> PostgresError? {
    let text = String(cString: PQerrorMessage(handle)).replacingLineEnds
    // This process sets no locale, so libpq's messages are in English.
    guard text.hasPrefix("invalid ") else { return nil }
    let fault = String(text.prefix { $0 != ":" && $0 != "\"" }).trimmed
    return PostgresError(kind: .invalidConnectionString, message: "the database address or a PG* variable has an \(fault)")
  }

  /// A TLS error, recognized by libpq's English message: this process sets no locale. `certificateError` determines the problem with a
  /// certificate.
  private static func tlsError(_ text: String, _ place: String) -> PostgresError? {
    let (message, advice): (String, String)
    if text.contains(" does not match host name ") {
      let names = text.split(separator: "\"").enumerated().filter { $0.offset % 2 == 1 }.map { String($0.element) }
      message = "the server's certificate is for \(names.dropLast().last ?? "another name"), not for \(names.last ?? "this host")"
      advice = "Connect with the host name in the certificate, and hostaddr= for the address; sslmode=verify-ca does not check names."
    } else if text.contains("server does not support SSL") {
      message = "TLS is required (sslmode), and the server does not offer it"
      advice = "Turn ssl on at the server, or connect with sslmode=prefer."
    } else if text.contains("certificate verify failed") {
      message = untrusted
      advice = "Set the certificate of the authority that signed it: sslrootcert=FILE or PGSSLROOTCERT."
    } else {
      return nil
    }
    var error = PostgresError(kind: .unavailable, message: "\(place): \(message)")
    error.advice = advice
    return error
  }

  private static let untrusted = "the server's certificate is not signed by an authority of sslrootcert"

  /// libpq 15 has the same message for an expired certificate and for an untrusted one. So this opens another connection that performs only
  /// the TLS handshake, without verification, and reads the certificate's dates: neither user nor password is sent.
  static func certificateError(_ error: PostgresError, address: String?, _ applicationName: String) -> PostgresError {
    guard error.message.hasSuffix(untrusted),
      let handle = start(address, applicationName, [("sslmode", "require"), ("sslrootcert", "/dev/null/none")])
    else { return error }
    defer { PQfinish(handle) }
    var isReady = false
    do {
      try pollConnection(handle, seconds: 2) {
        isReady = PQsslInUse(handle) == 1; return isReady
      }
    } catch {}
    guard isReady, let validity = certificateValidity(handle), validity != .now else { return error }
    let fault = validity == .over ? "has expired" : "is not valid yet"
    var dated = PostgresError(kind: .unavailable, message: error.message.replacing(untrusted, with: "the server's certificate \(fault)"))
    dated.advice = "Renew the server's certificate, or set the clock of this machine."
    return dated
  }

  private enum Validity { case over, now, later }

  private static func certificateValidity(_ handle: OpaquePointer) -> Validity? {
    typealias Get = @convention(c) (UnsafeMutableRawPointer) -> UnsafeMutableRawPointer?
    typealias Compare = @convention(c) (UnsafeMutableRawPointer) -> Int32
    typealias Free = @convention(c) (UnsafeMutableRawPointer) -> Void
    // libpq loads OpenSSL in some version: functions that are missing there, or have another name, are not used.
    func symbol(_ names: String...) -> UnsafeMutableRawPointer? { names.lazy.compactMap { dlsym(nil, $0) }.first }
    guard let session = PQsslStruct(handle, "OpenSSL"),
      let certificateOf = symbol("SSL_get1_peer_certificate", "SSL_get_peer_certificate"), let end = symbol("X509_get0_notAfter"),
      let start = symbol("X509_get0_notBefore"), let compare = symbol("X509_cmp_current_time"), let free = symbol("X509_free"),
      let certificate = unsafeBitCast(certificateOf, to: Get.self)(session)
    else { return nil }
    defer { unsafeBitCast(free, to: Free.self)(certificate) }
    /// "X509_cmp_current_time() … returns -1 if asn1_time is earlier than, or equal to, the current time, and 1 otherwise; 0 on error."
    func compared(_ time: UnsafeMutableRawPointer) -> Int32 {
      unsafeBitCast(time, to: Get.self)(certificate).map { unsafeBitCast(compare, to: Compare.self)($0) } ?? 0
    }
    return compared(end) < 0 ? .over : compared(start) > 0 ? .later : .now
  }

  /// The SQLSTATE in libpq's message: at PQERRORS_SQLSTATE a server's error ends in `FATAL:  28P01` in any language. If several addresses
  /// were tried, the last one counts. libpq tries an address with TLS and then without: if pg_hba.conf allows only TLS, the 28000 of the
  /// second attempt must not hide the error of the first.
  static func sqlstate(in text: String) -> String? {
    let found = sqlstates(in: text)
    guard let last = found.last, last.sqlstate == "28000" else { return found.last?.sqlstate }
    return found.last { $0.server == last.server && $0.sqlstate != "28000" }?.sqlstate ?? "28000"
  }

  private static func sqlstates(in text: String) -> [(server: Substring, sqlstate: String)] {
    text.split(separator: ";").compactMap { part in
      let word = part.split(separator: " ").last ?? ""
      let isCode = word.utf8.count == 5 && word.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) }
      guard isCode, let colon = part.firstRange(of: ":  "), word.utf8.contains(where: { (0x30...0x39).contains($0) }) else { return nil }
      return (part[..<colon.lowerBound].drop { $0 == " " }, String(word))
    }
  }

  private static func meaning(of sqlstate: String) -> String {
    switch sqlstate {
    case "28P01": "the password is not accepted"
    case "28000": "the role is not accepted: it does not exist, or pg_hba.conf does not allow it"
    case "3D000": "there is no such database"
    case "42501": "the role may not connect to the database"
    case "53300": "the server has reached its connection limit"
    case "57P03": "the server is starting or stopping"
    case "57P01", "57P02": "the server is shutting down"
    default: "the server rejected the connection"
    }
  }
}
