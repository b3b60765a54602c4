/// What a client asked for. Requests have no body here: a server that only answers questions reads none.
public struct HTTPRequest: Sendable {
  public var method: String
  public var target: RequestTarget
  public var headers: HTTPHeaders
  /// What stood for the `{name}` parts of the route that matched.
  public internal(set) var captures: [String: String] = [:]

  public init(method: String = "GET", target: RequestTarget, headers: HTTPHeaders = HTTPHeaders()) {
    self.method = method
    self.target = target
    self.headers = headers
  }

  public var path: String { target.path }

  /// The first value of a query parameter.
  public func query(_ name: String) -> String? {
    target.parameters.first { $0.name == name }?.value
  }
}
