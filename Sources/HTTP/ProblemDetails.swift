import JSONText

/// A refusal as JSON for programs and people: application/problem+json (RFC 9457).
public struct ProblemDetails: Error, Sendable, Equatable {
  public let status: Int
  public let title: String
  public let detail: String
  /// Members of our own, as the RFC allows: the parameter that was wrong, the values it may have.
  public var extras: [Extra]
  public var headers: HTTPHeaders

  public struct Extra: Sendable, Equatable {
    public let name: String
    public let values: [String]
  }

  public init(status: Int, title: String? = nil, detail: String, headers: HTTPHeaders = HTTPHeaders()) {
    self.status = status
    self.title = title ?? HTTPStatus.reason(status)
    self.detail = detail
    self.headers = headers
    extras = []
  }

  /// 400 for a parameter that cannot be used, naming those that can.
  public static func badParameter(_ name: String, _ detail: String, allowed: [String] = []) -> ProblemDetails {
    var problem = ProblemDetails(status: 400, title: "Bad parameter", detail: detail)
    problem.extras = [Extra(name: "parameter", values: [name])]
    if !allowed.isEmpty { problem.extras.append(Extra(name: "allowed", values: allowed)) }
    return problem
  }

  public var json: String {
    // `type` is absent: about:blank, which the RFC takes for a missing one.
    var members = ["\"title\":" + JSONString.quoted(title), "\"status\":\(status)", "\"detail\":" + JSONString.quoted(detail)]
    for extra in extras {
      let list = extra.values.map(JSONString.quoted)
      members.append(
        JSONString.quoted(extra.name) + ":" + (extra.name == "allowed" ? "[" + list.joined(separator: ",") + "]" : list.joined()))
    }
    return "{" + members.joined(separator: ",") + "}\n"
  }

  public var response: HTTPResponse {
    var response = HTTPResponse(status: status, type: "application/problem+json", Array(json.utf8))
    response.headers["Cache-Control"] = "no-store"
    for field in headers.fields { response.headers.add(field.name, field.value) }
    return response
  }
}
