import CMicrohttpd
import Glibc
import Synchronization

/// An HTTP/1.1 server on GNU libmicrohttpd: epoll, and a pool of threads that call `handler`.
///
/// It serves requests without a body, and no client input makes it trap. `close()` must be called; it is idempotent.
public final class HTTPServer: Sendable {
  /// Called for each request after the response's last byte was sent, with the request (nil if it could not be parsed), the status and the duration.
  public typealias Observer = @Sendable (_ request: HTTPRequest?, _ status: Int, _ duration: Duration) -> Void

  /// The host it listens on, as configured.
  public let host: String
  /// The port it listens on, never 0.
  public let port: Int

  private let core: ServerState
  private let daemon: Mutex<Daemon?>
  private let heart: HeartbeatTimer
  private let trimmer: HeartbeatTimer
  private let grace: Duration

  /// `@unchecked Sendable`: MHD's daemon functions may be called from any thread ("thread safe"), and the lock lets one caller close it.
  private struct Daemon: @unchecked Sendable {
    let handle: OpaquePointer
  }

  /// Starts the server. `host` is an address of this machine; with `port` 0 the system chooses one. A request occupies a thread while `handler`
  /// runs; an event stream occupies none. Throws if the address cannot be used.
  public init(
    host: String, port: Int, options: Options = Options(), observer: Observer? = nil,
    handler: @escaping @Sendable (HTTPRequest) -> HTTPResponse
  ) throws(HTTPError) {
    let socket = try ListeningSocket(host: host, port: port)
    let hosts = AllowedHosts(boundTo: host, allowed: options.allowedHosts, option: options.allowedHostOption)
    let core = ServerState(hosts: hosts, options: options, observer: observer, handler: handler)
    guard let daemon = options.start(socket, core: core) else {
      Glibc.close(socket.descriptor)
      throw HTTPError(kind: .other, message: "could not start the server's threads", advice: "Check the limits on threads and open files.")
    }
    self.core = core
    self.host = host
    self.port = socket.port
    self.daemon = Mutex(Daemon(handle: daemon))
    heart = HeartbeatTimer(every: options.heartbeat) { [sleepers = core.sleepers] in sleepers.beat() }
    trimmer = HeartbeatTimer(every: .milliseconds(500)) { [connections = core.connections] in connections.trim() }
    grace = options.grace
  }

  /// Starts a server whose requests go to the router.
  public convenience init(
    host: String, port: Int, options: Options = Options(), observer: Observer? = nil, router: HTTPRouter
  ) throws(HTTPError) {
    try self.init(host: host, port: port, options: options, observer: observer) { router.respond(to: $0) }
  }

  deinit { close() }

  /// `http://host:port`, with a host name that a browser on this machine can open.
  public var url: String {
    let name = host == "0.0.0.0" || host == "::" ? "localhost" : host.contains(":") ? "[\(host)]" : host
    return "http://\(name):\(port)"
  }

  /// Number of open event streams and pending deferred responses.
  public var sleepingConnections: Int { core.sleepers.count }

  /// Number of active requests, including event streams.
  public var openRequests: Int { core.exchanges.load(ordering: .relaxed) }

  /// Stops listening, waits for active requests (for the grace period in the options), ends event streams, and waits for the threads. Idempotent.
  public func close() {
    guard let daemon = daemon.withLock({ $0.take() })?.handle else { return }
    let listening = MHD_quiesce_daemon(daemon)
    heart.stop()
    trimmer.stop()
    // From here on no connection is suspended: MHD_stop_daemon aborts the process if one is.
    core.sleepers.end()
    let deadline = ContinuousClock.now + grace
    while openRequests > 0, ContinuousClock.now < deadline { usleep(2_000) }
    MHD_stop_daemon(daemon)
    if listening >= 0 { Glibc.close(listening) }
  }
}
