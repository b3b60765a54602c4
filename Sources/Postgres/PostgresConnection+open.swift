import CLibPQ
import Glibc

extension PostgresConnection {
  /// Opens a session.
  ///
  /// - Parameters:
  ///   - address: a URL (`postgresql://user:password@host:port/database`), a libpq connection string (`key=value …`), or nil for the PG*
  ///     variables alone.
  ///   - applicationName: the name in pg_stat_activity, unless the address has another one.
  ///   - seconds: maximum time to connect; `connect_timeout` in the address or PGCONNECT_TIMEOUT can make it shorter.
  ///   - waiting: when to abandon waits of the session, including this one.
  ///   - onNotice: receives notices and warnings of the server, on the thread that uses the session.
  /// - Throws: `PostgresError` of kind `unavailable` if no server responds or it accepts no connections at present, `unauthorized` for
  ///   password or permissions, `invalidConnectionString` if libpq cannot parse the address, `cancelled` if `waiting` is over.
  public static func open(
    _ address: String?, applicationName: String, seconds: Double = 10, waiting: PostgresWaitPolicy = PostgresWaitPolicy(),
    onNotice: @escaping (PostgresNotice) -> Void = { _ in }
  ) throws(PostgresError) -> PostgresConnection {
    try check(address)
    let handle = try connect(address, applicationName, seconds: seconds, waiting)
    let sink = NoticeHandler(onNotice)
    let connection = PostgresConnection(handle: handle, notices: sink, waiting: waiting)
    // The handler lives as long as the connection, and libpq drops the pointer with the connection.
    PQsetNoticeReceiver(handle, receiveNotice, Unmanaged.passUnretained(sink).toOpaque())
    guard PQsetnonblocking(handle, 1) == 0 else { throw PostgresError(result: nil, connection: handle) }
    // A pooler reports a made-up process id at connect, since it must recognize its client when the client cancels a statement.
    let process = try connection.query("SELECT pg_backend_pid()").value
    connection.isPooled = process != String(connection.backendProcess)
    if !connection.isPooled { try connection.execute(sessionSettings) }
    return connection
  }

  /// How long a session waits for a lock at most, unless its owner sets `lock_timeout`.
  public static let lockSeconds = 5.0

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
  private static func check(_ address: String?) throws(PostgresError) {
    guard let address else { return }
    var message: UnsafeMutablePointer<CChar>?
    let options = PQconninfoParse(address, &message)
    defer {
      PQconninfoFree(options)
      PQfreemem(message)
    }
    let isWord = !address.contains("=") && !address.contains("://")
    guard options != nil || isWord, !address.utf8.contains(0) else {
      throw PostgresError(
        kind: .invalidConnectionString,
        message: "the database address is neither postgresql://user:password@host:port/database nor key=value words; "
          + "other characters than letters and digits in a user or password are written %XX in a URL")
    }
  }

  static func start(_ address: String?, _ applicationName: String, _ more: [(String, String)] = []) -> OpaquePointer? {
    // The address overrides the settings before dbname, and the settings after dbname override the address.
    var words = [
      ("fallback_application_name", applicationName), ("keepalives_idle", "10"), ("keepalives_interval", "5"), ("keepalives_count", "3"),
      ("tcp_user_timeout", "30000"),
    ]
    if let address { words.append(("dbname", address)) }
    words += [("client_encoding", "UTF8")] + more
    let keys = CStringArray(words.map { $0.0 })
    let values = CStringArray(words.map { $0.1 })
    return keys.withPointer { keys in values.withPointer { values in PQconnectStartParams(keys, values, 1) } }
  }

  private static func timeout(of handle: OpaquePointer) -> Double? {
    guard let options = PQconninfo(handle) else { return nil }
    defer { PQconninfoFree(options) }
    var option = options
    while let keyword = option.pointee.keyword {
      if strcmp(keyword, "connect_timeout") == 0, let value = option.pointee.val, let seconds = Double(String(cString: value)), seconds > 0
      {
        return seconds
      }
      option += 1
    }
    return nil
  }

  /// Returns a connected handle. Everything runs on a separate thread: libpq resolves names, and contacts Kerberos or LDAP if configured,
  /// with calls that can only block.
  private static func connect(
    _ address: String?, _ applicationName: String, seconds: Double, _ waiting: PostgresWaitPolicy
  ) throws(PostgresError) -> OpaquePointer {
    let begin = ContinuousClock.now
    // The thread has its own deadline; this one is for name resolution, which cannot be interrupted.
    let deadline = begin + .seconds(seconds) + .milliseconds(500)
    var isStopped = false
    defer { waiting.answered() }
    let outcome = SideThread.run(
      until: {
        waiting.silent(for: .now - begin)
        isStopped = waiting.isOver
        return isStopped || ContinuousClock.now >= deadline
      },
      discard: { (late: Result<OpaquePointer, PostgresError>) in if case .success(let handle) = late { PQfinish(handle) } },
      { () -> Result<OpaquePointer, PostgresError> in
        // PQconnectStartParams returns a handle even if it fails.
        guard let handle = start(address, applicationName) else {
          return .failure(PostgresError(kind: .unavailable, message: "libpq is out of memory"))
        }
        // By default libpq would print notices to standard error until the session's handler is set.
        PQsetNoticeReceiver(handle, { _, _ in }, nil)
        // libpq has no SQLSTATE for a failed connection, and its text is in the server's language; with this verbosity the text is the
        // SQLSTATE.
        PQsetErrorVerbosity(handle, PQERRORS_SQLSTATE)
        do throws(PostgresError) {
          try pollConnection(handle, seconds: min(seconds, timeout(of: handle) ?? seconds))
        } catch {
          PQfinish(handle)
          return .failure(certificateError(error, address: address, applicationName))
        }
        PQsetErrorVerbosity(handle, PQERRORS_DEFAULT)
        return .success(handle)
      })
    if let outcome { return try outcome.get() }
    if isStopped { throw PostgresError(kind: .cancelled, message: "stopped while connecting to Postgres") }
    throw PostgresError(
      kind: .unavailable, message: "no connection to Postgres within \(Int(seconds.rounded(.up))) s: its name was not resolved")
  }

  /// Drives a connection attempt until it is connected.
  ///
  /// - Parameter isEnough: called after each step; true ends the attempt early.
  static func pollConnection(_ handle: OpaquePointer, seconds: Double, until isEnough: () -> Bool = { false }) throws(PostgresError) {
    guard PQstatus(handle) != CONNECTION_BAD else { throw settingError(handle) ?? connectionError(handle) }
    let deadline = ContinuousClock.now + .seconds(seconds)
    // "If you have yet to call PQconnectPoll, behave as if it last returned PGRES_POLLING_WRITING."
    var waitFor = Int16(POLLOUT)
    while true {
      let left = ContinuousClock.now.duration(to: deadline)
      let milliseconds = left.components.seconds * 1000 + left.components.attoseconds / 1_000_000_000_000_000
      // The socket can change after each step: libpq tries one address after another.
      var descriptor = pollfd(fd: PQsocket(handle), events: waitFor, revents: 0)
      let ready = poll(&descriptor, 1, Int32(clamping: max(0, milliseconds)))
      if ready == 0 {
        throw PostgresError(kind: .unavailable, message: "\(place(of: handle)): no answer within \(Int(seconds.rounded(.up))) s")
      }
      if ready < 0 {
        if errno == EINTR { continue }
        throw PostgresError(kind: .unavailable, message: "\(place(of: handle)): poll: \(String(cString: strerror(errno)))")
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
