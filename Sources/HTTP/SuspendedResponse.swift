import Synchronization

/// A response that may hold a suspended connection and must resume it when the server closes: MHD cannot stop while a connection is suspended.
protocol SuspendedResponse: AnyObject, Sendable {
  /// Ends it; it suspends no connection afterwards.
  func end()
  /// Sends a heartbeat, so that a disconnected client is detected.
  func beat()
}

/// The suspended responses of one server.
final class SuspendedResponses: Sendable {
  private struct State {
    var ended = false
    var members: [ObjectIdentifier: any SuspendedResponse] = [:]
  }

  private let state = Mutex(State())

  var count: Int { state.withLock { $0.members.count } }

  /// If the server is closing, the response is ended at once instead.
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
