import Support

/// A response: a status, header fields, and a body that is complete, deferred, or an endless stream.
package struct HTTPResponse: Sendable {
  /// The body of a response.
  package enum Body: Sendable {
    /// A complete body.
    case bytes([UInt8])
    /// Server-sent events: the connection stays open and uses no thread.
    case events(EventStream)
    /// Computed by another thread: the connection is suspended until the response is complete.
    case later(DeferredResponse)
  }

  /// The status code.
  package var status: Int
  /// The header fields; the security headers are added to them.
  package var headers: HTTPHeaders
  /// The body.
  package var body: Body

  /// A response with the given status, fields and body.
  package init(status: Int = 200, headers: HTTPHeaders = HTTPHeaders(), body: Body = .bytes([])) {
    self.status = status
    self.headers = headers
    self.body = body
  }

  /// A response of bytes with the content type `type`.
  package init(status: Int = 200, type: String, _ bytes: [UInt8]) {
    self.init(status: status, headers: ["Content-Type": type], body: .bytes(bytes))
  }

  /// A response of text, encoded as UTF-8.
  package static func text(_ text: String, status: Int = 200, type: String = "text/plain; charset=utf-8") -> HTTPResponse {
    HTTPResponse(status: status, type: type, Array(text.utf8))
  }

  /// A response of JSON bytes.
  package static func json(_ bytes: [UInt8], status: Int = 200) -> HTTPResponse {
    HTTPResponse(status: status, type: "application/json", bytes)
  }

  /// A response that streams server-sent events and is not cached.
  package static func events(_ stream: EventStream) -> HTTPResponse {
    // X-Accel-Buffering: nginx buffers a response until it has 4 KB, which an event stream may need an hour to fill.
    let headers: HTTPHeaders = ["Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no"]
    return HTTPResponse(headers: headers, body: .events(stream))
  }

  /// A response that another thread completes.
  package static func later(_ response: DeferredResponse) -> HTTPResponse {
    HTTPResponse(body: .later(response))
  }
}

/// The reason phrases of the status codes used here.
package enum HTTPStatus {
  /// The reason phrase of a status code; `Status N` for any other.
  package static func reason(_ status: Int) -> String {
    switch status {
    case 200: "OK"
    case 204: "No Content"
    case 304: "Not Modified"
    case 400: "Bad Request"
    case 404: "Not Found"
    case 405: "Method Not Allowed"
    case 413: "Content Too Large"
    case 421: "Misdirected Request"
    case 500: "Internal Server Error"
    case 503: "Service Unavailable"
    default: "Status \(status)"
    }
  }
}

/// An error response as JSON: application/problem+json (RFC 9457).
package struct ProblemDetails: Error, Sendable, Equatable {
  /// The status code.
  package let status: Int
  /// The kind of problem; by default the status's reason phrase.
  package let title: String
  /// What is wrong with this request, as a sentence.
  package let detail: String
  /// Extension members, as the RFC allows: the invalid parameter and its allowed values.
  package var extras: [Extra]
  /// Header fields of the response, besides the content type.
  package var headers: HTTPHeaders

  /// An extension member: a name and its values.
  package struct Extra: Sendable, Equatable {
    /// The member's name.
    package let name: String
    /// The member's values.
    package let values: [String]
  }

  /// A problem without extension members.
  package init(status: Int, title: String? = nil, detail: String, headers: HTTPHeaders = HTTPHeaders()) {
    self.status = status
    self.title = title ?? HTTPStatus.reason(status)
    self.detail = detail
    self.headers = headers
    extras = []
  }

  /// 400 for an invalid parameter; `allowed` lists the valid values or names.
  package static func badParameter(_ name: String, _ detail: String, allowed: [String] = []) -> ProblemDetails {
    var problem = ProblemDetails(status: 400, title: "Bad parameter", detail: detail)
    problem.extras = [Extra(name: "parameter", values: [name])]
    if !allowed.isEmpty { problem.extras.append(Extra(name: "allowed", values: allowed)) }
    return problem
  }

  /// The problem as one line of JSON with a line break.
  package var json: String {
    // `type` is absent, which the RFC defines as about:blank.
    var members: [JSON.Member] = [("title", .string(title)), ("status", .integer(status)), ("detail", .string(detail))]
    for extra in extras {
      members.append((extra.name, extra.name == "allowed" ? .array(extra.values.map(JSON.string)) : .string(extra.values.joined())))
    }
    return JSON.object(members).line + "\n"
  }

  /// The problem as a response that is not cached.
  package var response: HTTPResponse {
    var response = HTTPResponse(status: status, type: "application/problem+json", Array(json.utf8))
    response.headers["Cache-Control"] = "no-store"
    for field in headers.fields { response.headers.add(field.name, field.value) }
    return response
  }
}
