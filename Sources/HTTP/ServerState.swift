import Synchronization

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
