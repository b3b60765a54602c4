import JSONText

/// An error response as JSON: application/problem+json (RFC 9457).
public struct ProblemDetails: Error, Sendable, Equatable {
  /// The status code.
  public let status: Int
  /// The kind of problem; by default the status's reason phrase.
  public let title: String
  /// What is wrong with this request, as a sentence.
  public let detail: String
  /// Extension members, as the RFC allows: the invalid parameter and its allowed values.
  public var extras: [Extra]
  /// Header fields of the response, besides the content type.
  public var headers: HTTPHeaders

  /// An extension member: a name and its values.
  public struct Extra: Sendable, Equatable {
    /// The member's name.
    public let name: String
    /// The member's values.
    public let values: [String]
  }

  /// A problem without extension members.
  public init(status: Int, title: String? = nil, detail: String, headers: HTTPHeaders = HTTPHeaders()) {
    self.status = status
    self.title = title ?? HTTPStatus.reason(status)
    self.detail = detail
    self.headers = headers
    extras = []
  }

  /// 400 for an invalid parameter; `allowed` lists the valid values or names.
  public static func badParameter(_ name: String, _ detail: String, allowed: [String] = []) -> ProblemDetails {
    var problem = ProblemDetails(status: 400, title: "Bad parameter", detail: detail)
    problem.extras = [Extra(name: "parameter", values: [name])]
    if !allowed.isEmpty { problem.extras.append(Extra(name: "allowed", values: allowed)) }
    return problem
  }

  /// The problem as one line of JSON with a line break.
  public var json: String {
    // `type` is absent, which the RFC defines as about:blank.
    var members = ["\"title\":" + JSONString.quoted(title), "\"status\":\(status)", "\"detail\":" + JSONString.quoted(detail)]
    for extra in extras {
      let list = extra.values.map(JSONString.quoted)
      members.append(
        JSONString.quoted(extra.name) + ":" + (extra.name == "allowed" ? "[" + list.joined(separator: ",") + "]" : list.joined()))
    }
    return "{" + members.joined(separator: ",") + "}\n"
  }

  /// The problem as a response that is not cached.
  public var response: HTTPResponse {
    var response = HTTPResponse(status: status, type: "application/problem+json", Array(json.utf8))
    response.headers["Cache-Control"] = "no-store"
    for field in headers.fields { response.headers.add(field.name, field.value) }
    return response
  }
}
