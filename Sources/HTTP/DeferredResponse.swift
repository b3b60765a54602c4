import Synchronization

/// A response that another thread completes. The client's connection is suspended until then.
public final class DeferredResponse: SuspendedResponse {
  private struct State {
    var response: HTTPResponse?
    var sleeping: SuspendedConnection?
  }

  private let state = Mutex(State())

  /// A response that is not complete yet.
  public init() {}

  /// Sends the response; further calls have no effect. A deferred response or an event stream is a programming error.
  public func complete(with response: HTTPResponse) {
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
