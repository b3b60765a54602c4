import CMicrohttpd
import Synchronization

/// One client's stream of server-sent events. Between two events its connection is suspended.
///
/// Any thread may send. A disconnected client is detected by the first write that fails, at the latest at the second heartbeat.
/// A client that does not read is disconnected once `backlog` bytes are pending.
public final class EventStream: SuspendedResponse {
  private struct State {
    var pending: [UInt8] = []
    var sleeping: SuspendedConnection?
    var ended = false
    var gone = false
  }

  private let state = Mutex(State())
  private let backlog: Int

  /// `backlog`: the maximum number of bytes pending for a slow client.
  public init(backlog: Int = 65_536) {
    self.backlog = backlog
  }

  /// Returns false if the client has disconnected or the stream has ended.
  @discardableResult
  public func send(_ event: ServerSentEvent) -> Bool {
    send(bytes: event.bytes)
  }

  /// Ends the stream. Events that were sent before are still delivered.
  public func close() { end() }

  /// Whether the stream has not ended and its client is connected.
  public var isOpen: Bool { state.withLock { !$0.ended && !$0.gone } }

  private func send(bytes: [UInt8]) -> Bool {
    state.withLock { state in
      guard !state.ended, !state.gone else { return false }
      if state.pending.count + bytes.count > backlog {
        state.pending = []
        state.ended = true
      } else {
        state.pending += bytes
      }
      state.sleeping.take()?.resume()
      return !state.ended
    }
  }

  func end() {
    state.withLock { state in
      state.ended = true
      state.sleeping.take()?.resume()
    }
  }

  /// Sends a comment line. Clients skip it, and it keeps proxies from closing an idle connection.
  func beat() {
    _ = send(bytes: Array(":\n\n".utf8))
  }

  /// Called by MHD for the next bytes. Returns their count, -1 at the end, or 0 after the connection was suspended.
  func read(into buffer: UnsafeMutableRawBufferPointer, of connection: OpaquePointer) -> Int {
    // The handle is only used inside the lock that this thread holds.
    nonisolated(unsafe) let connection = connection
    nonisolated(unsafe) let buffer = buffer
    return state.withLock { state in
      if !state.pending.isEmpty {
        let count = min(buffer.count, state.pending.count)
        buffer.copyBytes(from: state.pending.prefix(count))
        state.pending.removeFirst(count)
        return count
      }
      if state.ended { return -1 }
      state.sleeping = SuspendedConnection(suspending: connection)
      return 0
    }
  }

  /// MHD has released the connection.
  func drop() {
    state.withLock { state in
      state.gone = true
      state.pending = []
      state.sleeping = nil
    }
  }
}
