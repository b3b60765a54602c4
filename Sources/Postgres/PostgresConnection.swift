import CLibPQ
import Glibc

/// One session with a Postgres server, through libpq.
///
/// A session has one owner and is used on one thread at a time: libpq does not allow two threads in one connection, so the class is not
/// Sendable. Calls block their thread until the server responds or `waiting` is over: then the session is abandoned and the call throws an
/// error of kind `cancelled`.
public final class PostgresConnection {
  private var open: OpaquePointer?
  private let notices: NoticeHandler
  private var isAbandoned = false
  let waiting: PostgresWaitPolicy
  /// Whether a response has been pending for longer than one slice, which `waiting` records.
  var isSilent = false
  /// Whether the connection goes through a pooler: the next transaction may run in another server session, so session state (settings,
  /// temporary tables, LISTEN) must not be relied on, and none may be left for the pooler's other clients.
  public internal(set) var isPooled = false

  init(handle: OpaquePointer, notices: NoticeHandler, waiting: PostgresWaitPolicy) {
    self.open = handle
    self.notices = notices
    self.waiting = waiting
  }

  deinit { close() }

  /// Closes the session. It never waits for the server: in non-blocking mode libpq's Terminate message is sent or not. A second call does
  /// nothing.
  public func close() {
    guard let handle = open else { return }
    open = nil
    if isSilent { waiting.answered() }
    PQfinish(handle)
  }

  /// Abandons the session during a command: cancel requests are sent for one second at most, then the connection is shut down. The request
  /// is repeated until the server responds, since a request that arrives before the command has started is ignored.
  func abandon(_ handle: OpaquePointer) {
    guard !isAbandoned else { return }
    isAbandoned = true
    if isSilent { waiting.answered() }
    let deadline = ContinuousClock.now + .seconds(1)
    if let cancellation = PostgresCancellation(handle) {
      var ready = pollfd(fd: PQsocket(handle), events: Int16(POLLIN), revents: 0)
      repeat {
        cancellation.cancel(seconds: (deadline - .now) / .seconds(1))
      } while poll(&ready, 1, 50) == 0 && ContinuousClock.now < deadline
    }
    shutdown(PQsocket(handle), Int32(SHUT_RDWR))
  }

  /// The C handle, to be used for one call within this target.
  func handle() throws(PostgresError) -> OpaquePointer {
    guard let open else { throw PostgresError(kind: .unavailable, message: "the connection to Postgres is closed") }
    if isAbandoned { throw Self.stopped(open) }
    return open
  }

  /// Whether the session can be used; false once it broke or was closed.
  public var isUsable: Bool {
    guard let open, !isAbandoned else { return false }
    return PQstatus(open) == CONNECTION_OK
  }

  /// The backend process id of this session, as in pg_stat_activity.
  public var backendProcess: Int32 { open.map { PQbackendPID($0) } ?? 0 }

  /// The server's version as a number: 150018 means 15.18.
  public var serverVersion: Int32 { open.map { PQserverVersion($0) } ?? 0 }

  /// `user@host:port/database` for logs, without the password.
  public var place: String { open.map(Self.place) ?? "closed" }

  static func place(of handle: OpaquePointer) -> String {
    func text(_ value: UnsafeMutablePointer<CChar>?) -> String { value.map { String(cString: $0) } ?? "" }
    return "\(text(PQuser(handle)))@\(text(PQhost(handle))):\(text(PQport(handle)))/\(text(PQdb(handle)))"
  }
}
