import CMicrohttpd
import Glibc
import Synchronization

/// An HTTP/1.1 server on GNU libmicrohttpd: epoll, and a pool of threads that call `handler`.
///
/// It serves requests without a body, and no client input makes it trap. `close()` must be called; it is idempotent.
package final class HTTPServer: Sendable {
  /// Called for each request after the response's last byte was sent, with the request (nil if it could not be parsed), the status and the duration.
  package typealias Observer = @Sendable (_ request: HTTPRequest?, _ status: Int, _ duration: Duration) -> Void

  /// The host it listens on, as configured.
  package let host: String
  /// The port it listens on, never 0.
  package let port: Int

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
  package init(
    host: String, port: Int, options: Options = Options(), observer: Observer? = nil,
    handler: @escaping @Sendable (HTTPRequest) -> HTTPResponse
  ) throws(HTTPError) {
    let socket = try ListeningSocket(host: host, port: port)
    let hosts = AllowedHosts(boundTo: host, allowed: options.allowedHosts, option: options.allowedHostOption)
    let core = ServerState(hosts: hosts, options: options, observer: observer, handler: handler)
    guard let daemon = options.start(socket, core: core) else {
      Glibc.close(socket.descriptor)
      throw HTTPError(kind: .other, message: "could not start the server's threads", hint: "Check the limits on threads and open files.")
    }
    self.core = core
    self.host = host
    self.port = socket.port
    self.daemon = Mutex(Daemon(handle: daemon))
    heart = HeartbeatTimer(every: options.heartbeat) { [sleepers = core.sleepers] in sleepers.beat() }
    trimmer = HeartbeatTimer(every: .milliseconds(250)) { [connections = core.connections] in connections.trim() }
    grace = options.grace
  }

  /// Starts a server whose requests go to the router.
  package convenience init(
    host: String, port: Int, options: Options = Options(), observer: Observer? = nil, router: HTTPRouter
  ) throws(HTTPError) {
    try self.init(host: host, port: port, options: options, observer: observer) { router.respond(to: $0) }
  }

  deinit { close() }

  /// `http://host:port`, with a host name that a browser on this machine can open.
  package var url: String {
    let name = host == "0.0.0.0" || host == "::" ? "localhost" : host.contains(":") ? "[\(host)]" : host
    return "http://\(name):\(port)"
  }

  /// Number of open event streams and pending deferred responses.
  package var sleepingConnections: Int { core.sleepers.count }

  /// Number of active requests, including event streams.
  package var openRequests: Int { core.exchanges.load(ordering: .relaxed) }

  /// Stops listening, waits for active requests (for the grace period in the options), ends event streams, and waits for the threads. Idempotent.
  package func close() {
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

extension HTTPServer {
  /// Limits of a server. The defaults suit a dashboard on one machine.
  package struct Options: Sendable {
    /// Threads that handlers run on.
    package var threads = 4
    /// Maximum number of open connections; further ones wait in the system's backlog.
    package var connections = 512
    /// Maximum bytes of a request's first line and headers together; a longer request gets 414 or 431.
    package var headerBytes = 32_768
    /// Seconds without a byte after which a connection is closed, except suspended ones. When more than 80 % of the connections are in
    /// use, connections without an active request are closed earlier: see `ConnectionTable`.
    package var idleSeconds = 15
    /// Interval between heartbeats on event streams.
    package var heartbeat: Duration = .seconds(15)
    /// How long `close()` waits for active requests.
    package var grace: Duration = .seconds(1)
    /// Maximum number of query parameters; a request with more gets 400.
    package var parameters = 100
    /// Additional names in `Host` that a server bound to a loopback address accepts.
    package var allowedHosts: [String] = []
    /// The command-line option that adds an allowed name, for the error response to another name; otherwise nil.
    package var allowedHostOption: String?

    /// The defaults.
    package init() {}
  }
}

extension HTTPServer.Options {
  /// Starts MHD on the socket. MHD owns the socket afterwards, unless nil is returned.
  func start(_ socket: borrowing ListeningSocket, core: ServerState) -> OpaquePointer? {
    // Unretained: `HTTPServer` keeps the core alive until the daemon has stopped.
    let context = Unmanaged.passUnretained(core).toOpaque()
    let unescape: @convention(c) (UnsafeMutableRawPointer?, OpaquePointer?, UnsafeMutablePointer<CChar>?) -> Int = leaveEscaped
    let begin: @convention(c) (UnsafeMutableRawPointer?, UnsafePointer<CChar>?, OpaquePointer?) -> UnsafeMutableRawPointer? = beginExchange
    let end: MHD_RequestCompletedCallback = endExchange
    let notify: MHD_NotifyConnectionCallback = noteConnection
    var list = [
      MHD_OptionItem(option: .LISTEN_SOCKET, value: Int(socket.descriptor), ptr_value: nil),
      MHD_OptionItem(option: .THREAD_POOL_SIZE, value: max(2, threads), ptr_value: nil),
      MHD_OptionItem(option: .CONNECTION_LIMIT, value: connections, ptr_value: nil),
      MHD_OptionItem(option: .CONNECTION_TIMEOUT, value: idleSeconds, ptr_value: nil),
      MHD_OptionItem(option: .CONNECTION_MEMORY_LIMIT, value: headerBytes, ptr_value: nil),
      MHD_OptionItem(option: .STRICT_FOR_CLIENT, value: 1, ptr_value: nil),
      MHD_OptionItem(option: .UNESCAPE_CALLBACK, value: unsafeBitCast(unescape, to: Int.self), ptr_value: context),
      MHD_OptionItem(option: .URI_LOG_CALLBACK, value: unsafeBitCast(begin, to: Int.self), ptr_value: context),
      MHD_OptionItem(option: .NOTIFY_COMPLETED, value: unsafeBitCast(end, to: Int.self), ptr_value: context),
      MHD_OptionItem(option: .NOTIFY_CONNECTION, value: unsafeBitCast(notify, to: Int.self), ptr_value: context),
      MHD_OptionItem(option: .END, value: 0, ptr_value: nil),
    ]
    var flags = MHD_USE_EPOLL_INTERNAL_THREAD.rawValue | MHD_ALLOW_SUSPEND_RESUME.rawValue
    if socket.isIPv6 { flags |= MHD_USE_IPv6.rawValue }
    return mhd_start_daemon(flags, handleRequest, context, &list)
  }
}

/// Why a server could not be started.
package struct HTTPError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The cause, for the caller to choose an exit code.
  package enum Kind: Sendable, Equatable {
    /// Another program listens on this port.
    case portTaken
    /// The user may not listen on this port.
    case refused
    /// The host is not an address of this machine.
    case noSuchAddress
    /// Any other error; the message has the system's text.
    case other

    /// The exit status of the program (docs/operations.md).
    package var exitStatus: Int32 {
      switch self {
      case .portTaken: 69
      case .refused: 77
      case .noSuchAddress: 64
      case .other: 70
      }
    }
  }

  /// The cause.
  package let kind: Kind
  /// What failed, in one line.
  package let message: String
  /// How to fix it, as a sentence.
  package let hint: String

  /// An error with its cause, a one-line message and a hint.
  package init(kind: Kind, message: String, hint: String) {
    self.kind = kind
    self.message = message
    self.hint = hint
  }

  /// The message.
  package var description: String { message }
}

/// The server state that MHD's callbacks use. Outlives the daemon.
final class ServerState: Sendable {
  let handler: @Sendable (HTTPRequest) -> HTTPResponse
  let observer: HTTPServer.Observer?
  let hosts: AllowedHosts
  let connections: ConnectionTable
  private let mostParameters: Int
  let sleepers = SuspendedResponses()
  /// Number of requests between their first line and the response's last byte.
  let exchanges = Atomic<Int>(0)

  init(
    hosts: AllowedHosts, options: HTTPServer.Options, observer: HTTPServer.Observer?,
    handler: @escaping @Sendable (HTTPRequest) -> HTTPResponse
  ) {
    self.hosts = hosts
    connections = ConnectionTable(limit: options.connections)
    mostParameters = options.parameters
    self.observer = observer
    self.handler = handler
  }

  /// The response to a request whose headers have been read; nil: its target could not be parsed.
  func respond(to request: HTTPRequest?) -> HTTPResponse {
    guard let request else {
      return ProblemDetails(status: 400, detail: "The request target is not valid.").response
    }
    guard request.target.parameters.count <= mostParameters else {
      return ProblemDetails(status: 400, detail: "The query has more than \(mostParameters) parameters.").response
    }
    if let refusal = hosts.refusal(of: request.headers["Host"]) { return refusal.response }
    return handler(request)
  }
}
