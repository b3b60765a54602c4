import CLibPQ
import Glibc

extension PostgresConnection {
  /// Opens a session.
  ///
  /// - Parameters:
  ///   - dsn: a URL (`postgresql://user:password@host:port/database`), a libpq connection string (`key=value …`), or nil for the PG*
  ///     variables alone.
  ///   - applicationName: the name in pg_stat_activity, unless the address has another one.
  ///   - timeout: maximum time to connect; `connect_timeout` in the address or PGCONNECT_TIMEOUT can make it shorter.
  ///   - waitState: when to abandon waits of the session, including this one.
  ///   - onNotice: receives notices and warnings of the server, on the thread that uses the session.
  /// - Throws: `PostgresError` of kind `unavailable` if no server responds or it accepts no connections at present, `unauthorized` for
  ///   password or permissions, `invalidConnectionString` if libpq cannot parse the address, `cancelled` if `waitState` is over.
  package static func open(
    _ dsn: String?, applicationName: String, timeout: Duration = .seconds(10), waitState: PostgresWaitState = PostgresWaitState(),
    onNotice: @escaping (PostgresNotice) -> Void = { _ in }
  ) throws(PostgresError) -> PostgresConnection {
    try check(dsn)
    let handle = try connect(dsn, applicationName, timeout: timeout, waitState)
    let sink = NoticeHandler(onNotice)
    let connection = PostgresConnection(handle: handle, notices: sink, waitState: waitState)
    // The handler lives as long as the connection, and libpq drops the pointer with the connection.
    PQsetNoticeReceiver(handle, receiveNotice, Unmanaged.passUnretained(sink).toOpaque())
    guard PQsetnonblocking(handle, 1) == 0 else { throw PostgresError(result: nil, connection: handle) }
    // A pooler reports a made-up process id at connect, since it must recognize its client when the client cancels a statement.
    let process = try connection.query("SELECT pg_backend_pid()").firstValue
    connection.isPooled = process != String(connection.backendProcess)
    if !connection.isPooled { try connection.execute(sessionSettings) }
    return connection
  }

  /// How long a session waits for a lock at most, unless its owner sets `lock_timeout`.
  package static let lockSeconds = 5.0

  /// A half-dead run must not block the next: the server itself ends a session whose client is gone, one that idles in a transaction, and a
  /// wait for a lock. The rest makes the text of values the same everywhere.
  static let sessionSettings = """
    SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3; \
    SET idle_in_transaction_session_timeout = '60s'; SET lock_timeout = '\(Int(lockSeconds))s'; \
    SET DateStyle = 'ISO, YMD'; SET TimeZone = 'UTC'; SET bytea_output = 'hex'
    """

  /// The same settings for one transaction behind a pooler, which handles the keepalives of its connections.
  static let transactionSettings = """
    SET LOCAL idle_in_transaction_session_timeout = '60s'; SET LOCAL lock_timeout = '\(Int(lockSeconds))s'; \
    SET LOCAL DateStyle = 'ISO, YMD'; SET LOCAL TimeZone = 'UTC'; SET LOCAL bytea_output = 'hex'
    """

  /// Checks the address. libpq's message about an invalid address quotes parts of it, which may include the password; this one does not.
  private static func check(_ dsn: String?) throws(PostgresError) {
    guard let dsn else { return }
    var message: UnsafeMutablePointer<CChar>?
    let options = PQconninfoParse(dsn, &message)
    defer {
      PQconninfoFree(options)
      PQfreemem(message)
    }
    let isWord = !dsn.contains("=") && !dsn.contains("://")
    guard options != nil || isWord, !dsn.utf8.contains(0) else {
      throw PostgresError(
        kind: .invalidConnectionString,
        message: "the database address is neither postgresql://user:password@host:port/database nor key=value words; "
          + "other characters than letters and digits in a user or password are written %XX in a URL")
    }
  }

  static func start(_ dsn: String?, _ applicationName: String, _ more: [(String, String)] = []) -> OpaquePointer? {
    // The address overrides the settings before dbname, and the settings after dbname override the address.
    var parameters = [
      ("fallback_application_name", applicationName), ("keepalives_idle", "10"), ("keepalives_interval", "5"), ("keepalives_count", "3"),
      ("tcp_user_timeout", "30000"),
    ]
    if let dsn { parameters.append(("dbname", dsn)) }
    parameters += [("client_encoding", "UTF8")] + more
    let keys = CStringArray(parameters.map { $0.0 })
    let values = CStringArray(parameters.map { $0.1 })
    return keys.withPointer { keys in values.withPointer { values in PQconnectStartParams(keys, values, 1) } }
  }

  private static func connectTimeout(of handle: OpaquePointer) -> Duration? {
    guard let options = PQconninfo(handle) else { return nil }
    defer { PQconninfoFree(options) }
    var option = options
    while let keyword = option.pointee.keyword {
      if strcmp(keyword, "connect_timeout") == 0, let value = option.pointee.val, let seconds = Double(String(cString: value)), seconds > 0
      {
        return .seconds(seconds)
      }
      option += 1
    }
    return nil
  }

  /// Returns a connected handle. Everything runs on a separate thread: libpq resolves names, and contacts Kerberos or LDAP if configured,
  /// with calls that can only block.
  private static func connect(
    _ dsn: String?, _ applicationName: String, timeout: Duration, _ waitState: PostgresWaitState
  ) throws(PostgresError) -> OpaquePointer {
    let begin = ContinuousClock.now
    // The thread has its own deadline; this one is for name resolution, which cannot be interrupted.
    let deadline = begin + timeout + .milliseconds(500)
    var isStopped = false
    defer { waitState.recordResponse() }
    let outcome = SideThread.run(
      until: {
        waitState.recordPending(for: .now - begin)
        isStopped = waitState.shouldAbandon
        return isStopped || ContinuousClock.now >= deadline
      },
      discard: { (late: Result<OpaquePointer, PostgresError>) in if case .success(let handle) = late { PQfinish(handle) } },
      { () -> Result<OpaquePointer, PostgresError> in
        // PQconnectStartParams returns a handle even if it fails.
        guard let handle = start(dsn, applicationName) else {
          return .failure(PostgresError(kind: .unavailable, message: "libpq is out of memory"))
        }
        // By default libpq would print notices to standard error until the session's handler is set.
        PQsetNoticeReceiver(handle, { _, _ in }, nil)
        // libpq has no SQLSTATE for a failed connection, and its text is in the server's language; with this verbosity the text is the
        // SQLSTATE.
        PQsetErrorVerbosity(handle, PQERRORS_SQLSTATE)
        do throws(PostgresError) {
          try pollConnection(handle, timeout: min(timeout, connectTimeout(of: handle) ?? timeout))
        } catch {
          PQfinish(handle)
          return .failure(certificateError(error, dsn: dsn, applicationName))
        }
        PQsetErrorVerbosity(handle, PQERRORS_DEFAULT)
        return .success(handle)
      })
    if let outcome { return try outcome.get() }
    if isStopped { throw PostgresError(kind: .cancelled, message: "stopped while connecting to Postgres") }
    throw PostgresError(
      kind: .unavailable, message: "no connection to Postgres within \(seconds(timeout)) s: its name was not resolved")
  }

  /// Whole seconds, rounded up, for a message.
  private static func seconds(_ timeout: Duration) -> Int { Int((timeout / .seconds(1)).rounded(.up)) }

  /// Drives a connection attempt until it is connected.
  ///
  /// - Parameter isEnough: called after each step; true ends the attempt early.
  static func pollConnection(_ handle: OpaquePointer, timeout: Duration, until isEnough: () -> Bool = { false }) throws(PostgresError) {
    guard PQstatus(handle) != CONNECTION_BAD else { throw settingError(handle) ?? connectionError(handle) }
    let deadline = ContinuousClock.now + timeout
    // "If you have yet to call PQconnectPoll, behave as if it last returned PGRES_POLLING_WRITING."
    var waitFor = Int16(POLLOUT)
    while true {
      let left = ContinuousClock.now.duration(to: deadline)
      let milliseconds = left.components.seconds * 1000 + left.components.attoseconds / 1_000_000_000_000_000
      // The socket can change after each step: libpq tries one address after another.
      var descriptor = pollfd(fd: PQsocket(handle), events: waitFor, revents: 0)
      let ready = poll(&descriptor, 1, Int32(clamping: max(0, milliseconds)))
      if ready == 0 {
        throw PostgresError(kind: .unavailable, message: "\(endpoint(of: handle)): no answer within \(seconds(timeout)) s")
      }
      if ready < 0 {
        if errno == EINTR { continue }
        throw PostgresError(kind: .unavailable, message: "\(endpoint(of: handle)): poll: \(String(cString: strerror(errno)))")
      }
      switch PQconnectPoll(handle) {
      case PGRES_POLLING_OK: return
      case PGRES_POLLING_READING: waitFor = Int16(POLLIN)
      case PGRES_POLLING_WRITING: waitFor = Int16(POLLOUT)
      default: throw connectionError(handle)
      }
      if isEnough() { return }
    }
  }
}

extension PostgresConnection {
  /// The error of a connection attempt that failed.
  static func connectionError(_ handle: OpaquePointer) -> PostgresError {
    let text = String(cString: PQerrorMessage(handle)).replacingLineEnds
    let endpoint = endpoint(of: handle)
    if PQconnectionNeedsPassword(handle) == 1 {
      return PostgresError(kind: .unauthorized, message: "\(endpoint): the server requires a password, and none was given")
    }
    if let sqlstate = sqlstate(in: text) {
      if [SQLState.undefinedObject, SQLState.invalidParameterValue, SQLState.syntaxError].contains(sqlstate) {
        return PostgresError(
          kind: .invalidConnectionString, sqlstate: sqlstate,
          message: "\(endpoint): the server rejected a setting of PGOPTIONS or of the address's options=")
      }
      var error = PostgresError(kind: .init(sqlstate: sqlstate), sqlstate: sqlstate, message: "\(endpoint): \(meaning(of: sqlstate))")
      if sqlstate == SQLState.invalidAuthorizationSpecification, PQsslInUse(handle) == 0 {
        error.hint = "Check the role and pg_hba.conf. If pg_hba.conf has only hostssl lines for it, connect with TLS: sslmode=require."
      }
      return error
    }
    return tlsError(text, endpoint) ?? PostgresError(kind: .unavailable, message: text.isEmpty ? "\(endpoint): no connection" : text)
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
  private static func tlsError(_ text: String, _ endpoint: String) -> PostgresError? {
    let (message, hint): (String, String)
    if text.contains(" does not match host name ") {
      let names = text.split(separator: "\"").enumerated().filter { $0.offset % 2 == 1 }.map { String($0.element) }
      message = "the server's certificate is for \(names.dropLast().last ?? "another name"), not for \(names.last ?? "this host")"
      hint = "Connect with the host name in the certificate, and hostaddr= for the address; sslmode=verify-ca does not check names."
    } else if text.contains("server does not support SSL") {
      message = "TLS is required (sslmode), and the server does not offer it"
      hint = "Turn ssl on at the server, or connect with sslmode=prefer."
    } else if text.contains("certificate verify failed") {
      message = untrusted
      hint = "Set the certificate of the authority that signed it: sslrootcert=FILE or PGSSLROOTCERT."
    } else {
      return nil
    }
    var error = PostgresError(kind: .unavailable, message: "\(endpoint): \(message)")
    error.hint = hint
    return error
  }

  private static let untrusted = "the server's certificate is not signed by an authority of sslrootcert"

  /// libpq 15 has the same message for an expired certificate and for an untrusted one. So this opens another connection that performs only
  /// the TLS handshake, without verification, and reads the certificate's dates: neither user nor password is sent.
  static func certificateError(_ error: PostgresError, dsn: String?, _ applicationName: String) -> PostgresError {
    guard error.message.hasSuffix(untrusted),
      let handle = start(dsn, applicationName, [("sslmode", "require"), ("sslrootcert", "/dev/null/none")])
    else { return error }
    defer { PQfinish(handle) }
    var isReady = false
    do {
      try pollConnection(handle, timeout: .seconds(2)) {
        isReady = PQsslInUse(handle) == 1; return isReady
      }
    } catch {}
    guard isReady, let validity = certificateValidity(handle), validity != .now else { return error }
    let fault = validity == .over ? "has expired" : "is not valid yet"
    var dated = PostgresError(kind: .unavailable, message: error.message.replacing(untrusted, with: "the server's certificate \(fault)"))
    dated.hint = "Renew the server's certificate, or set the clock of this machine."
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
    guard let last = found.last, last.sqlstate == SQLState.invalidAuthorizationSpecification else { return found.last?.sqlstate }
    return found.last { $0.server == last.server && $0.sqlstate != SQLState.invalidAuthorizationSpecification }?.sqlstate
      ?? SQLState.invalidAuthorizationSpecification
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
    case SQLState.invalidPassword: "the password is not accepted"
    case SQLState.invalidAuthorizationSpecification: "the role is not accepted: it does not exist, or pg_hba.conf does not allow it"
    case SQLState.invalidCatalogName: "there is no such database"
    case SQLState.insufficientPrivilege: "the role may not connect to the database"
    case SQLState.tooManyConnections: "the server has reached its connection limit"
    case SQLState.cannotConnectNow: "the server is starting or stopping"
    case SQLState.adminShutdown, SQLState.crashShutdown: "the server is shutting down"
    default: "the server rejected the connection"
    }
  }
}

/// Holds the closure that receives notices and warnings of the server, for libpq's callback.
final class NoticeHandler {
  let receive: (PostgresNotice) -> Void
  init(_ receive: @escaping (PostgresNotice) -> Void) { self.receive = receive }
}

/// A notice or warning of the server.
package struct PostgresNotice: Sendable, Equatable {
  /// NOTICE, WARNING, INFO, LOG or DEBUG, independent of the server's language.
  package let severity: String
  /// The server's primary message, in the server's language.
  package let message: String

  /// A notice with its severity in English.
  package init(severity: String, message: String) {
    self.severity = severity
    self.message = message
  }
}

/// libpq calls this on the thread that is inside a call on the connection, which is the owner's thread.
func receiveNotice(context: UnsafeMutableRawPointer?, result: OpaquePointer?) {
  guard let context else { return }
  let sink = Unmanaged<NoticeHandler>.fromOpaque(context).takeUnretainedValue()
  func field(_ code: Int32) -> String { PQresultErrorField(result, code).map { String(cString: $0) } ?? "" }
  sink.receive(PostgresNotice(severity: field(PostgresError.severityField), message: field(PostgresError.primaryField)))
}
