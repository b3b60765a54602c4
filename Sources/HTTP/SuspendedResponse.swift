import Synchronization

/// What may hold a sleeping connection, and must let it go when the server closes: MHD cannot stop while one sleeps.
protocol SuspendedResponse: AnyObject, Sendable {
  /// Ends it; nothing sleeps afterwards, now or later.
  func end()
  /// Gives it the chance to notice that its client is gone.
  func beat()
}

/// The sleepers of one server.
final class SuspendedResponses: Sendable {
  private struct State {
    var ended = false
    var members: [ObjectIdentifier: any SuspendedResponse] = [:]
  }

  private let state = Mutex(State())

  var count: Int { state.withLock { $0.members.count } }

  /// When the server is closing, the sleeper is ended at once instead.
  func insert(_ sleeper: any SuspendedResponse) {
    let ended = state.withLock { state in
      if !state.ended { state.members[ObjectIdentifier(sleeper)] = sleeper }
      return state.ended
    }
    if ended { sleeper.end() }
  }

  func remove(_ sleeper: any SuspendedResponse) {
    _ = state.withLock { $0.members.removeValue(forKey: ObjectIdentifier(sleeper)) }
  }

  func beat() {
    for sleeper in state.withLock({ Array($0.members.values) }) { sleeper.beat() }
  }

  func end() {
    let members = state.withLock { state in
      state.ended = true
      return Array(state.members.values)
    }
    for sleeper in members { sleeper.end() }
  }
}
