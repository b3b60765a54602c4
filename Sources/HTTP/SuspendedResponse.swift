import CMicrohttpd
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

/// A connection that MHD does not poll until it is resumed: it uses memory, but no thread and no polling.
///
/// The owner keeps it behind its lock, and only while the connection is suspended: MHD frees no suspended connection, so the handle is valid.
/// `@unchecked Sendable`: the manual says that MHD_resume_connection may be called from any thread ("MHD_resume_connection: Resume handling
/// of network data for suspended connection. It is safe to resume a suspended connection at any time").
struct SuspendedConnection: @unchecked Sendable {
  private let handle: OpaquePointer

  /// Suspends the connection. Call it only from an MHD callback for this connection.
  init(suspending handle: OpaquePointer) {
    self.handle = handle
    MHD_suspend_connection(handle)
  }

  consuming func resume() {
    MHD_resume_connection(handle)
  }
}

/// A response that another thread completes. The client's connection is suspended until then.
package final class DeferredResponse: SuspendedResponse {
  private struct State {
    var response: HTTPResponse?
    var sleeping: SuspendedConnection?
  }

  private let state = Mutex(State())

  /// A response that is not complete yet.
  package init() {}

  /// Sends the response; further calls have no effect. A deferred response or an event stream is a programming error.
  package func complete(with response: HTTPResponse) {
    guard case .bytes = response.body else { preconditionFailure("a deferred response must have a body of bytes") }
    state.withLock { state in
      guard state.response == nil else { return }
      state.response = response
      state.sleeping.take()?.resume()
    }
  }

  func end() {
    complete(with: ProblemDetails(status: 503, detail: "The server is shutting down.").response)
  }

  func beat() {}

  /// The response if it is complete; otherwise nil, and the connection is suspended.
  func take(for connection: OpaquePointer) -> HTTPResponse? {
    // The handle is only used inside the lock that this thread holds.
    nonisolated(unsafe) let connection = connection
    return state.withLock { state in
      if let response = state.response { return response }
      state.sleeping = SuspendedConnection(suspending: connection)
      return nil
    }
  }
}
