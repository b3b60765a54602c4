import CMicrohttpd

extension HTTPServer {
  /// Limits of a server. The defaults suit a dashboard on one machine.
  public struct Options: Sendable {
    /// Threads that handlers run on.
    public var threads = 4
    /// Maximum number of open connections; further ones wait in the system's backlog.
    public var connections = 512
    /// Maximum bytes of a request's first line and headers together; a longer request gets 414 or 431.
    public var headerBytes = 32_768
    /// Seconds without a byte after which a connection is closed, except suspended ones. When more than 80 % of the connections are in
    /// use, connections without an active request are closed earlier: see `ConnectionTable`.
    public var idleSeconds = 15
    /// Interval between heartbeats on event streams.
    public var heartbeat: Duration = .seconds(15)
    /// How long `close()` waits for active requests.
    public var grace: Duration = .seconds(1)
    /// Maximum number of query parameters; a request with more gets 400.
    public var parameters = 100
    /// Additional names in `Host` that a server bound to a loopback address accepts.
    public var allowedHosts: [String] = []
    /// The command-line option that adds an allowed name, for the error response to another name; nil if there is none.
    public var allowedHostOption: String?

    /// The defaults.
    public init() {}
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
