/// An answer: a status, header fields, and a body that is there, comes later, or never ends.
public struct HTTPResponse: Sendable {
  public enum Body: Sendable {
    case bytes([UInt8])
    /// Server-sent events: the connection stays open, and no thread waits for it.
    case events(EventStream)
    /// Computed elsewhere: the connection sleeps until the answer is there.
    case later(DeferredResponse)
  }

  public var status: Int
  public var headers: HTTPHeaders
  public var body: Body

  public init(status: Int = 200, headers: HTTPHeaders = HTTPHeaders(), body: Body = .bytes([])) {
    self.status = status
    self.headers = headers
    self.body = body
  }

  public init(status: Int = 200, type: String, _ bytes: [UInt8]) {
    self.init(status: status, headers: ["Content-Type": type], body: .bytes(bytes))
  }

  public static func text(_ text: String, status: Int = 200, type: String = "text/plain; charset=utf-8") -> HTTPResponse {
    HTTPResponse(status: status, type: type, Array(text.utf8))
  }

  public static func json(_ bytes: [UInt8], status: Int = 200) -> HTTPResponse {
    HTTPResponse(status: status, type: "application/json", bytes)
  }

  public static func events(_ stream: EventStream) -> HTTPResponse {
    // X-Accel-Buffering: nginx holds a response back until 4 KB are there, which a stream of events may take an hour to fill.
    let headers: HTTPHeaders = ["Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no"]
    return HTTPResponse(headers: headers, body: .events(stream))
  }

  public static func later(_ response: DeferredResponse) -> HTTPResponse {
    HTTPResponse(body: .later(response))
  }
}
