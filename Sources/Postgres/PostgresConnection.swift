import CLibPQ
import Glibc

/// One session with a Postgres server, over libpq.
///
/// A session has one owner and is used from one thread at a time: libpq forbids two threads in one connection, so the class is not Sendable.
/// Calls block the thread they are made on, until the server responds or `waiting` is over: then the session is abandoned and the call
/// throws an error of kind `cancelled`.
public final class PostgresConnection {
  private var open: OpaquePointer?
  private let notices: NoticeHandler
  private var isAbandoned = false
  let waiting: PostgresWaitPolicy
  /// The server owes a response for longer than a moment, and `waiting` knows it.
  var isSilent = false
  /// A pooler stands between: the next transaction may be in another session of the server, so nothing that belongs to a session may be
  /// relied on (settings, temporary tables, LISTEN), and nothing may be left there for its other clients.
  public internal(set) var isPooled = false

  init(handle: OpaquePointer, notices: NoticeHandler, waiting: PostgresWaitPolicy) {
    self.open = handle
    self.notices = notices
    self.waiting = waiting
  }

  deinit { close() }

  /// Ends the session; it never waits for the server: non-blocking, libpq's farewell goes out or does not. Calling it again does nothing.
  public func close() {
    guard let handle = open else { return }
    open = nil
    if isSilent { waiting.answered() }
    PQfinish(handle)
  }

  /// Gives the session up in the middle of a command: the server is asked to cancel it, for a second at most, and finds the connection
  /// closed. It is asked again until it responds: a request that comes before the command has begun is ignored.
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

  /// The C handle, for the length of one call of this target.
  func handle() throws(PostgresError) -> OpaquePointer {
    guard let open else { throw PostgresError(kind: .unavailable, message: "the connection to Postgres is closed") }
    if isAbandoned { throw Self.stopped(open) }
    return open
  }

  /// False once the session broke or was closed: open another one.
  public var isUsable: Bool {
    guard let open, !isAbandoned else { return false }
    return PQstatus(open) == CONNECTION_OK
  }

  /// The server's number for this session, as in pg_stat_activity.
  public var backendProcess: Int32 { open.map { PQbackendPID($0) } ?? 0 }

  /// The server's version as a number: 150018 is 15.18.
  public var serverVersion: Int32 { open.map { PQserverVersion($0) } ?? 0 }

  /// `user@host:port/database`, to name the server in a log; without the password.
  public var place: String { open.map(Self.place) ?? "closed" }

  static func place(of handle: OpaquePointer) -> String {
    func text(_ value: UnsafeMutablePointer<CChar>?) -> String { value.map { String(cString: $0) } ?? "" }
    return "\(text(PQuser(handle)))@\(text(PQhost(handle))):\(text(PQport(handle)))/\(text(PQdb(handle)))"
  }
}
