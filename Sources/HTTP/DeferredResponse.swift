import Synchronization

/// A response that some other thread will complete; its client's connection sleeps until then.
public final class DeferredResponse: SuspendedResponse {
  private struct State {
    var response: HTTPResponse?
    var sleeping: SuspendedConnection?
  }

  private let state = Mutex(State())

  public init() {}

  /// The first call counts; a response that is itself later or a stream of events is a programmer's mistake.
  public func complete(with response: HTTPResponse) {
    guard case .bytes = response.body else { preconditionFailure("only bytes can come later") }
    state.withLock { state in
      guard state.response == nil else { return }
      state.response = response
      state.sleeping.take()?.resume()
    }
  }

  func end() {
    complete(with: ProblemDetails(status: 503, detail: "The server is closing.").response)
  }

  func beat() {}

  /// The response if it is there; otherwise nil, and the connection sleeps.
  func take(for connection: OpaquePointer) -> HTTPResponse? {
    // The handle only crosses into the lock that this same thread holds.
    nonisolated(unsafe) let connection = connection
    return state.withLock { state in
      if let response = state.response { return response }
      state.sleeping = SuspendedConnection(suspending: connection)
      return nil
    }
  }
}
