/// A response: a status, header fields, and a body that is complete, deferred, or an endless stream.
public struct HTTPResponse: Sendable {
  /// The body of a response.
  public enum Body: Sendable {
    /// A complete body.
    case bytes([UInt8])
    /// Server-sent events: the connection stays open and uses no thread.
    case events(EventStream)
    /// Computed by another thread: the connection is suspended until the response is complete.
    case later(DeferredResponse)
  }

  /// The status code.
  public var status: Int
  /// The header fields; the security headers are added to them.
  public var headers: HTTPHeaders
  /// The body.
  public var body: Body

  /// A response with the given status, fields and body.
  public init(status: Int = 200, headers: HTTPHeaders = HTTPHeaders(), body: Body = .bytes([])) {
    self.status = status
    self.headers = headers
    self.body = body
  }

  /// A response of bytes with the content type `type`.
  public init(status: Int = 200, type: String, _ bytes: [UInt8]) {
    self.init(status: status, headers: ["Content-Type": type], body: .bytes(bytes))
  }

  /// A response of text, encoded as UTF-8.
  public static func text(_ text: String, status: Int = 200, type: String = "text/plain; charset=utf-8") -> HTTPResponse {
    HTTPResponse(status: status, type: type, Array(text.utf8))
  }

  /// A response of JSON bytes.
  public static func json(_ bytes: [UInt8], status: Int = 200) -> HTTPResponse {
    HTTPResponse(status: status, type: "application/json", bytes)
  }

  /// A response that streams server-sent events and is not cached.
  public static func events(_ stream: EventStream) -> HTTPResponse {
    // X-Accel-Buffering: nginx buffers a response until it has 4 KB, which an event stream may need an hour to fill.
    let headers: HTTPHeaders = ["Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no"]
    return HTTPResponse(headers: headers, body: .events(stream))
  }

  /// A response that another thread completes.
  public static func later(_ response: DeferredResponse) -> HTTPResponse {
    HTTPResponse(body: .later(response))
  }
}
