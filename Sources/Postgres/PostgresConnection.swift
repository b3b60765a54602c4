import CLibPQ
import Glibc

/// One session with a Postgres server, through libpq.
///
/// A session has one owner and is used on one thread at a time: libpq does not allow two threads in one connection, so the class is not
/// Sendable. Calls block their thread until the server responds or `waitState` is over: then the session is abandoned and the call throws an
/// error of kind `cancelled`.
package final class PostgresConnection {
  private var rawHandle: OpaquePointer?
  private let notices: NoticeHandler
  private var isAbandoned = false
  /// The names of the statements that `queryPrepared` has prepared.
  private var preparedStatements: [String: String] = [:]
  let waitState: PostgresWaitState
  /// Whether a response has been pending for longer than one slice, which `waitState` records.
  var isResponsePending = false
  /// Whether the connection goes through a pooler: the next transaction may run in another server session, so session state (settings,
  /// temporary tables, LISTEN) must not be relied on, and none may be left for the pooler's other clients.
  package internal(set) var isPooled = false

  init(handle: OpaquePointer, notices: NoticeHandler, waitState: PostgresWaitState) {
    self.rawHandle = handle
    self.notices = notices
    self.waitState = waitState
  }

  deinit { close() }

  /// Closes the session. It never waits for the server: in non-blocking mode libpq's Terminate message is sent or not. A second call does
  /// nothing.
  package func close() {
    guard let handle = rawHandle else { return }
    rawHandle = nil
    if isResponsePending { waitState.recordResponse() }
    PQfinish(handle)
  }

  /// Abandons the session during a command: cancel requests are sent for one second at most, then the connection is shut down. The request
  /// is repeated until the server responds, since a request that arrives before the command has started is ignored.
  func abandon(_ handle: OpaquePointer) {
    guard !isAbandoned else { return }
    isAbandoned = true
    if isResponsePending { waitState.recordResponse() }
    let deadline = ContinuousClock.now + .seconds(1)
    if let cancellation = PostgresCancellation(handle) {
      var ready = pollfd(fd: PQsocket(handle), events: Int16(POLLIN), revents: 0)
      repeat {
        cancellation.cancel(timeout: deadline - .now)
      } while poll(&ready, 1, 50) == 0 && ContinuousClock.now < deadline
    }
    shutdown(PQsocket(handle), Int32(SHUT_RDWR))
  }

  /// The C handle, to be used for one call within this target.
  func handle() throws(PostgresError) -> OpaquePointer {
    guard let rawHandle else { throw PostgresError(kind: .unavailable, message: "the connection to Postgres is closed") }
    if isAbandoned { throw Self.stopped(rawHandle) }
    return rawHandle
  }

  /// Whether the session can be used; false once it broke or was closed.
  package var isUsable: Bool {
    guard let rawHandle, !isAbandoned else { return false }
    return PQstatus(rawHandle) == CONNECTION_OK
  }

  /// The backend process id of this session, as in pg_stat_activity.
  package var backendProcess: Int32 { rawHandle.map { PQbackendPID($0) } ?? 0 }

  /// `user@host:port/database` for logs, without the password.
  package var endpoint: String { rawHandle.map(Self.endpoint) ?? "closed" }

  static func endpoint(of handle: OpaquePointer) -> String {
    func text(_ value: UnsafeMutablePointer<CChar>?) -> String { value.map { String(cString: $0) } ?? "" }
    return "\(text(PQuser(handle)))@\(text(PQhost(handle))):\(text(PQport(handle)))/\(text(PQdb(handle)))"
  }
}

extension PostgresConnection {
  /// Runs one or more statements (several are one transaction, unless they contain transaction commands).
  ///
  /// - Returns: number of rows that the last statement affected.
  /// - Throws: `PostgresError`.
  @discardableResult
  package func execute(_ sql: String) throws(PostgresError) -> Int {
    let handle = try handle()
    try Self.checkText(sql)
    return try run(handle, sql).affected
  }

  /// Runs a statement that is not a COPY.
  func run(_ handle: OpaquePointer, _ sql: String) throws(PostgresError) -> PostgresResult {
    let result = try roundTrip(handle) { PQsendQuery(handle, sql) }
    if Self.isCopy(result.status) {
      endCopy(handle, of: result.status)
      throw PostgresError(kind: .internal, message: "a COPY was run as a plain statement")
    }
    try result.check(handle)
    return result
  }

  /// Runs one statement with text parameters; nil is NULL.
  ///
  /// - Throws: `PostgresError`.
  @discardableResult
  package func query(_ sql: String, _ parameters: [String?] = []) throws(PostgresError) -> PostgresRows {
    try query(sql, parameters: parameters.map { PostgresParameter($0) })
  }

  /// Runs one statement with text and bytea parameters. The server infers the types of `$1`, `$2` and so on from their use.
  ///
  /// - Throws: `PostgresError`, of kind `data` for a text with U+0000.
  @discardableResult
  package func query(_ sql: String, parameters: [PostgresParameter]) throws(PostgresError) -> PostgresRows {
    let handle = try handle()
    try Self.checkText(sql)
    for case .text(let text) in parameters { try Self.checkText(text) }
    let result = try roundTrip(handle) {
      Self.withParameters(parameters) { count, values, lengths, formats in
        PQsendQueryParams(handle, sql, count, nil, values, lengths, formats, 0)
      }
    }
    if Self.isCopy(result.status) {
      endCopy(handle, of: result.status)
      throw PostgresError(kind: .internal, message: "a COPY was run as a plain statement")
    }
    try result.check(handle)
    return result.rows()
  }

  /// Runs one statement as ``query(_:parameters:)`` does, without COPY. The session prepares it at its first use; behind a pooler, where the
  /// next transaction may be in another session, nothing is prepared.
  ///
  /// - Throws: `PostgresError`.
  @discardableResult
  package func queryPrepared(_ sql: String, parameters: [PostgresParameter] = []) throws(PostgresError) -> PostgresRows {
    guard !isPooled else { return try query(sql, parameters: parameters) }
    let handle = try handle()
    let name = preparedStatements[sql] ?? "netflix_\(preparedStatements.count)"
    if preparedStatements[sql] == nil {
      try Self.checkText(sql)
      try roundTrip(handle) { PQsendPrepare(handle, name, sql, 0, nil) }.check(handle)
      preparedStatements[sql] = name
    }
    for case .text(let text) in parameters { try Self.checkText(text) }
    let result = try roundTrip(handle) {
      Self.withParameters(parameters) { count, values, lengths, formats in
        PQsendQueryPrepared(handle, name, count, values, lengths, formats, 0)
      }
    }
    try result.check(handle)
    return result.rows()
  }

  typealias Values = UnsafePointer<UnsafePointer<CChar>?>

  static func withParameters<T>(
    _ parameters: [PostgresParameter],
    _ body: (_ count: Int32, Values?, _ lengths: UnsafePointer<Int32>, _ formats: UnsafePointer<Int32>) -> T
  ) -> T {
    // One buffer for all values, so that the pointers into it are valid for the duration of the call.
    var bytes: [CChar] = []
    var ranges: [(start: Int, count: Int)?] = []
    var formats: [Int32] = []
    for parameter in parameters {
      switch parameter {
      case .null:
        ranges.append(nil)
        formats.append(0)
      case .text(let text):
        ranges.append((bytes.count, text.utf8.count))
        bytes.append(contentsOf: text.utf8.lazy.map { CChar(bitPattern: $0) })
        bytes.append(0)
        formats.append(0)
      case .bytes(let value):
        ranges.append((bytes.count, value.count))
        bytes.append(contentsOf: value.lazy.map { CChar(bitPattern: $0) })
        bytes.append(0)
        formats.append(1)
      }
    }
    let lengths = ranges.map { Int32(clamping: $0?.count ?? 0) }
    return bytes.withUnsafeBufferPointer { buffer in
      let values = ranges.map { range in range.flatMap { range in buffer.baseAddress.map { $0 + range.start } } }
      return values.withUnsafeBufferPointer { values in
        body(Int32(parameters.count), values.baseAddress, lengths, formats)
      }
    }
  }

  /// Rejects text with U+0000: Postgres does not support it, and as a C string it would be truncated there.
  static func checkText(_ text: String) throws(PostgresError) {
    guard text.utf8.contains(0) else { return }
    throw PostgresError(
      kind: .data, sqlstate: SQLState.characterNotInRepertoire, message: "text contains U+0000, which Postgres does not support")
  }
}

extension PostgresConnection {
  /// Runs `body` in a transaction, which is committed if it returns and rolled back if it throws.
  ///
  /// - Parameter begin: the statement that begins it, such as `BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY`.
  /// - Throws: `PostgresError`; the errors of `body`.
  @discardableResult
  package func transaction<T>(begin: String = "BEGIN", _ more: String = "", _ body: (PostgresConnection) throws -> T) throws -> T {
    try self.begin(begin, more)
    let value: T
    do {
      value = try body(self)
    } catch {
      // The first error is the one to report; if the rollback fails, the next use of the session shows it.
      try? rollback()
      throw error
    }
    try commit()
    return value
  }

  /// Begins a transaction and runs `more` in the same round trip. Behind a pooler, the transaction also gets the session's settings.
  ///
  /// - Returns: number of rows that the last statement affected.
  /// - Throws: `PostgresError` if the session is lost, or `more` fails.
  @discardableResult
  package func begin(_ begin: String = "BEGIN", _ more: String = "") throws(PostgresError) -> Int {
    try execute([begin, isPooled ? Self.transactionSettings : "", more].filter { !$0.isEmpty }.joined(separator: "; "))
  }

  /// Commits the transaction.
  ///
  /// - Throws: `PostgresError`, with SQLSTATE 25P02 if the server rolled back instead because a statement had failed;
  ///   `commitOutcomeUnknown` is set if the outcome of the commit is unknown.
  package func commit() throws(PostgresError) {
    let handle = try handle()
    let result: PostgresResult
    do throws(PostgresError) {
      result = try run(handle, "COMMIT")
    } catch {
      var error = error
      error.commitOutcomeUnknown = !isUsable
      throw error
    }
    if result.tag == "ROLLBACK" {
      throw PostgresError(
        kind: .internal, sqlstate: SQLState.inFailedSQLTransaction, message: "the transaction was rolled back: a statement in it had failed"
      )
    }
  }

  /// Rolls back; does nothing outside a transaction.
  ///
  /// - Throws: `PostgresError` if the session is lost; the server has rolled back then.
  package func rollback() throws(PostgresError) {
    guard isInTransaction else { return }
    try execute("ROLLBACK")
  }

  /// Whether a transaction is open, failed or not.
  package var isInTransaction: Bool {
    guard let handle = try? handle() else { return false }
    let status = PQtransactionStatus(handle)
    return status == PQTRANS_INTRANS || status == PQTRANS_INERROR || status == PQTRANS_ACTIVE
  }
}

extension PostgresConnection {
  /// Quotes a name as an SQL identifier: `"a name"`.
  ///
  /// - Throws: `PostgresError`, of kind `data` if the text is not valid in the session's encoding or contains U+0000.
  package func quoteIdentifier(_ name: String) throws(PostgresError) -> String {
    try quote(name) { handle, text, count in PQescapeIdentifier(handle, text, count) }
  }

  /// Quotes a string as an SQL literal: `'it''s'`.
  ///
  /// - Throws: see ``quoteIdentifier(_:)``.
  package func quoteLiteral(_ text: String) throws(PostgresError) -> String {
    try quote(text) { handle, text, count in PQescapeLiteral(handle, text, count) }
  }

  /// Quotes each part of `schema.table`; a name without a dot is resolved with the search path.
  ///
  /// - Throws: see ``quoteIdentifier(_:)``.
  package func quoteTable(_ name: String) throws(PostgresError) -> String {
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

/// Non-blocking versions of libpq's blocking calls, with poll(2): each wait can be abandoned (``PostgresWaitState``).
extension PostgresConnection {
  /// Sends a command and reads its results; returns the last one, or the first that starts a COPY, as PQexec does.
  func roundTrip(_ handle: OpaquePointer, _ send: () -> Int32) throws(PostgresError) -> PostgresResult {
    guard send() == 1 else { throw PostgresError(result: nil, connection: handle) }
    try flush(handle)
    var last: OpaquePointer?
    do throws(PostgresError) {
      while let next = try nextResult(handle) {
        PQclear(last)
        last = next
        if Self.isCopy(PQresultStatus(next)) { break }
      }
    } catch {
      // If the session broke after the server had sent an error, that error is more specific.
      guard error.kind != .cancelled, PQresultStatus(last) == PGRES_FATAL_ERROR else {
        PQclear(last)
        throw error
      }
    }
    return PostgresResult(last)
  }

  /// The next result of the running command; nil if there are no more.
  func nextResult(_ handle: OpaquePointer) throws(PostgresError) -> OpaquePointer? {
    while PQisBusy(handle) == 1 { try readInput(handle) }
    return PQgetResult(handle)
  }

  /// Reads and discards the remaining results. If that fails, the session is not usable afterwards.
  func discardResults(_ handle: OpaquePointer) {
    while let result = try? nextResult(handle) {
      let isCopy = Self.isCopy(PQresultStatus(result))
      PQclear(result)
      // Only a broken connection returns this repeatedly.
      if isCopy { break }
    }
  }

  /// Waits until everything is sent. Input is read as well, since the server may wait for that before it accepts more.
  func flush(_ handle: OpaquePointer) throws(PostgresError) {
    while true {
      let left = PQflush(handle)
      if left == 0 { return }
      guard left > 0 else { throw PostgresError(result: nil, connection: handle) }
      try readInput(handle, orWrite: true)
    }
  }

  /// Waits until there is input (or, with `orWrite`, room for output), and reads the input.
  func readInput(_ handle: OpaquePointer, orWrite: Bool = false) throws(PostgresError) {
    // A read returns at least half of a TLS record (16 KB at most), and poll does not see the rest: so read several times.
    let isEncrypted = PQsslInUse(handle) == 1 || PQgssEncInUse(handle) == 1
    try wait(handle, for: Int16(orWrite ? POLLIN | POLLOUT : POLLIN), slice: .milliseconds(isEncrypted ? 20 : 100))
    for _ in 1...(isEncrypted ? 3 : 1) {
      guard PQconsumeInput(handle) == 1 else { throw PostgresError(result: nil, connection: handle) }
    }
  }

  /// Abandons the session and throws `cancelled` if `waitState` is over.
  func checkStopped(_ handle: OpaquePointer) throws(PostgresError) {
    guard waitState.shouldAbandon else { return }
    abandon(handle)
    throw Self.stopped(handle)
  }

  static func stopped(_ handle: OpaquePointer) -> PostgresError {
    PostgresError(kind: .cancelled, message: "\(endpoint(of: handle)): stopped while the server had not responded")
  }

  static func isCopy(_ status: ExecStatusType) -> Bool {
    status == PGRES_COPY_IN || status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH
  }

  /// Waits for one slice; returns early once the socket is ready.
  private func wait(_ handle: OpaquePointer, for events: Int16, slice: Duration) throws(PostgresError) {
    try checkStopped(handle)
    var descriptor = pollfd(fd: PQsocket(handle), events: events, revents: 0)
    let ready = Glibc.poll(&descriptor, 1, Int32(slice / .milliseconds(1)))
    if ready > 0 {
      if isResponsePending { waitState.recordResponse() }
      isResponsePending = false
    } else if ready == 0 {
      waitState.recordPending(for: slice)
      isResponsePending = true
    } else if errno != EINTR {
      throw PostgresError(kind: .unavailable, message: "\(endpoint): poll: \(String(cString: strerror(errno)))")
    }
  }
}

/// A NULL-terminated array of C strings, for libpq's keywords and values. A nil string is NULL.
struct CStringArray: ~Copyable {
  private var pointers: [UnsafePointer<CChar>?]

  init(_ strings: [String?]) {
    pointers = strings.map { $0.flatMap { UnsafePointer(strdup($0)) } } + [nil]
  }

  deinit {
    for pointer in pointers { free(UnsafeMutablePointer(mutating: pointer)) }
  }

  func withPointer<T>(_ body: (UnsafePointer<UnsafePointer<CChar>?>?) -> T) -> T {
    pointers.withUnsafeBufferPointer { body($0.baseAddress) }
  }
}
