import Synchronization

/// What MHD's callbacks need of a server. Outlives the daemon.
final class ServerCore: Sendable {
  let handler: @Sendable (HTTPRequest) -> HTTPResponse
  let observer: HTTPServer.Observer?
  let hosts: HostCheck
  let sleepers = Sleepers()
  /// Requests between their first line and their last byte.
  let exchanges = Atomic<Int>(0)

  init(hosts: HostCheck, observer: HTTPServer.Observer?, handler: @escaping @Sendable (HTTPRequest) -> HTTPResponse) {
    self.hosts = hosts
    self.observer = observer
    self.handler = handler
  }

  /// The answer to a request whose headers are there; nil: its target could not be read.
  func respond(to request: HTTPRequest?) -> HTTPResponse {
    guard let request else {
      return HTTPProblem(status: 400, detail: "The address cannot be read.").response
    }
    guard request.headers.all("Host").count <= 1, hosts.admits(request.headers["Host"]) else {
      return HTTPProblem(status: 421, detail: "This server answers to the names of this machine only.").response
    }
    return handler(request)
  }
}
