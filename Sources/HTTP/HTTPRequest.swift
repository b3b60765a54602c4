/// A client's request. It has no body: this server is read-only and does not read request bodies.
public struct HTTPRequest: Sendable {
  /// The method, for example `GET`.
  public var method: String
  /// The decoded path and query.
  public var target: RequestTarget
  /// The header fields.
  public var headers: HTTPHeaders
  /// The values of the `{name}` segments of the route that matched.
  public internal(set) var captures: [String: String] = [:]

  /// A request for a target.
  public init(method: String = "GET", target: RequestTarget, headers: HTTPHeaders = HTTPHeaders()) {
    self.method = method
    self.target = target
    self.headers = headers
  }

  /// The decoded path, with a leading slash.
  public var path: String { target.path }

  /// The first value of a query parameter; nil if there is none.
  public func query(_ name: String) -> String? {
    target.parameters.first { $0.name == name }?.value
  }
}
