import HTTP
import Synchronization

/// Answers made from one version of the rows; a new version starts it anew. Bounded: past its limit answers are made but not kept.
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

  /// `name` stands for the question in its canonical form: parameters as they were understood, not as they were spelled.
  func body(_ name: String, version: String, make: () throws(ProblemDetails) -> CachedBody) throws(ProblemDetails) -> CachedBody {
    let known = state.withLock { state in
      if state.version != version { state = State(version: version) }
      return state.bodies[name]
    }
    if let known { return known }
    // Made outside the lock: two threads may both make it, and both make the same.
    let body = try make()
    state.withLock { state in
      if state.version == version, state.bodies.count < limit { state.bodies[name] = body }
    }
    return body
  }
}
