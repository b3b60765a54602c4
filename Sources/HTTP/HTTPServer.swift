import CMicrohttpd
import Glibc
import Synchronization

/// An HTTP/1.1 server over GNU libmicrohttpd: epoll, and a pool of threads that `handler` is called on.
///
/// It serves GET-like requests (none has a body), and never traps on what a client sends. `close()` must be called; it may be called again.
public final class HTTPServer: Sendable {
  /// Told of each request when its last byte is out: the request (nil: unreadable), the status, and how long it took.
  public typealias Observer = @Sendable (_ request: HTTPRequest?, _ status: Int, _ duration: Duration) -> Void

  public let host: String
  /// The port it listens on; never 0.
  public let port: Int

  private let core: ServerState
  private let daemon: Mutex<Daemon?>
  private let heart: HeartbeatTimer
  private let trimmer: HeartbeatTimer
  private let grace: Duration

  /// `@unchecked Sendable`: MHD's daemon functions may be called from any thread ("thread safe"), and the lock gives it to one closer.
  private struct Daemon: @unchecked Sendable {
    let handle: OpaquePointer
  }

  /// `host` is an address of this machine, `port` 0 asks the system for one. Threads hold a request while `handler` runs, never a stream of events.
  public init(
    host: String, port: Int, options: Options = Options(), observer: Observer? = nil,
    handler: @escaping @Sendable (HTTPRequest) -> HTTPResponse
  ) throws(HTTPError) {
    let socket = try ListeningSocket(host: host, port: port)
    let hosts = AllowedHosts(boundTo: host, allowed: options.allowedHosts, option: options.allowedHostOption)
    let core = ServerState(hosts: hosts, options: options, observer: observer, handler: handler)
    guard let daemon = options.start(socket, core: core) else {
      Glibc.close(socket.descriptor)
      throw HTTPError(kind: .other, message: "the server's threads cannot be started", advice: "See the limits on threads and open files.")
    }
    self.core = core
    self.host = host
    self.port = socket.port
    self.daemon = Mutex(Daemon(handle: daemon))
    heart = HeartbeatTimer(every: options.heartbeat) { [sleepers = core.sleepers] in sleepers.beat() }
    trimmer = HeartbeatTimer(every: .milliseconds(500)) { [connections = core.connections] in connections.trim() }
    grace = options.grace
  }

  public convenience init(
    host: String, port: Int, options: Options = Options(), observer: Observer? = nil, router: HTTPRouter
  ) throws(HTTPError) {
    try self.init(host: host, port: port, options: options, observer: observer) { router.respond(to: $0) }
  }

  deinit { close() }

  /// `http://host:port`, with a name a browser on this machine can open.
  public var url: String {
    let name = host == "0.0.0.0" || host == "::" ? "localhost" : host.contains(":") ? "[\(host)]" : host
    return "http://\(name):\(port)"
  }

  /// Open streams of events and responses still to come.
  public var sleepingConnections: Int { core.sleepers.count }

  /// Requests that have begun and not ended, streams among them.
  public var openRequests: Int { core.exchanges.load(ordering: .relaxed) }

  /// Stops listening, lets requests in hand finish (for the grace in the options), ends streams, and waits for the threads.
  public func close() {
    guard let daemon = daemon.withLock({ $0.take() })?.handle else { return }
    let listening = MHD_quiesce_daemon(daemon)
    heart.stop()
    trimmer.stop()
    // From here on nothing sleeps: MHD_stop_daemon aborts the process if a connection does.
    core.sleepers.end()
    let deadline = ContinuousClock.now + grace
    while openRequests > 0, ContinuousClock.now < deadline { usleep(2_000) }
    MHD_stop_daemon(daemon)
    if listening >= 0 { Glibc.close(listening) }
  }
}
