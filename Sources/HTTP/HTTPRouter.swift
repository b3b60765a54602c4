/// Maps paths to handlers. GET routes also handle HEAD; a known path with another method gets 405 with `Allow`.
package struct HTTPRouter: Sendable {
  /// Makes the response to a request; a thrown problem becomes the response.
  package typealias Handler = @Sendable (HTTPRequest) throws(ProblemDetails) -> HTTPResponse

  private struct Route: Sendable {
    let pattern: [Substring]
    let handler: Handler
  }

  private var fixed: [String: Handler] = [:]
  private var patterns: [Route] = []

  /// A router without routes.
  package init() {}

  /// Adds a route. `path` is literal, or has segments like `{name}` that match any one segment; `HTTPRequest.captures` has their values.
  package mutating func get(_ path: String, _ handler: @escaping Handler) {
    if path.contains("{") {
      patterns.append(Route(pattern: path.dropFirst().split(separator: "/", omittingEmptySubsequences: false), handler: handler))
    } else {
      fixed[path] = handler
    }
  }

  /// The literal paths of all routes, sorted.
  package var paths: [String] { fixed.keys.sorted() }

  /// The response of the matching route, or a problem with 404 or 405.
  package func respond(to request: HTTPRequest) -> HTTPResponse {
    do throws(ProblemDetails) {
      var request = request
      guard let handler = find(&request) else {
        throw ProblemDetails(status: 404, detail: "No such path.")
      }
      switch request.method {
      case "GET", "HEAD": return try handler(request)
      case "OPTIONS": return HTTPResponse(status: 204, headers: ["Allow": Self.allowed])
      default:
        throw ProblemDetails(status: 405, detail: "This path is read-only.", headers: ["Allow": Self.allowed])
      }
    } catch {
      return error.response
    }
  }

  private static let allowed = "GET, HEAD, OPTIONS"

  private func find(_ request: inout HTTPRequest) -> Handler? {
    let segments = request.target.segments
    // A segment with an escaped slash would look like two segments in the joined path, so such a path is never compared with the literal ones.
    if !segments.contains(where: { $0.contains("/") }), let handler = fixed[request.path] { return handler }
    for route in patterns where route.pattern.count == segments.count {
      var captures: [String: String] = [:]
      let fits = zip(route.pattern, segments).allSatisfy { part, segment in
        guard part.first == "{", part.last == "}" else { return part == segment }
        captures[String(part.dropFirst().dropLast())] = segment
        return !segment.isEmpty
      }
      guard fits else { continue }
      request.captures = captures
      return route.handler
    }
    return nil
  }
}
