import HTTP
import Synchronization

/// Caches the responses for one version of the rows; a new version empties it. Beyond `limit` entries, responses are made but not kept.
final class ResponseCache: Sendable {
  private struct State {
    var version = ""
    var bodies: [String: CachedBody] = [:]
  }

  private let state = Mutex(State())
  private let limit: Int

  init(limit: Int = 1_000) {
    self.limit = limit
  }

  /// `name` identifies the request in canonical form: the parsed parameters, not their spelling.
  func body(_ name: String, version: String, make: () throws(ProblemDetails) -> CachedBody) throws(ProblemDetails) -> CachedBody {
    let known = state.withLock { state in
      if state.version != version { state = State(version: version) }
      return state.bodies[name]
    }
    if let known { return known }
    // Made outside the lock: two threads may both make it, with the same result.
    let body = try make()
    state.withLock { state in
      if state.version == version, state.bodies.count < limit { state.bodies[name] = body }
    }
    return body
  }
}
