import CMicrohttpd
import Synchronization

/// One client's stream of server-sent events. Between two events its connection sleeps.
///
/// Any thread may send. A client that is gone is noticed by the first write that fails, at the latest at the second heartbeat;
/// one that takes nothing is cut off once `backlog` bytes wait for it.
public final class EventStream: SuspendedResponse {
  private struct State {
    var pending: [UInt8] = []
    var sleeping: SuspendedConnection?
    var ended = false
    var gone = false
  }

  private let state = Mutex(State())
  private let backlog: Int

  /// `backlog`: bytes that may wait for a slow client.
  public init(backlog: Int = 65_536) {
    self.backlog = backlog
  }

  /// False when nobody will read it: the client is gone or the stream has ended.
  @discardableResult
  public func send(_ event: ServerSentEvent) -> Bool {
    send(bytes: event.bytes)
  }

  /// What was sent before is still delivered.
  public func close() { end() }

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

  /// A comment line: readers skip it, and it keeps proxies from closing an idle connection.
  func beat() {
    _ = send(bytes: Array(":\n\n".utf8))
  }

  /// MHD asks for the next bytes: how many there are, -1 at the end, or 0 after having put the connection to sleep.
  func read(into buffer: UnsafeMutableRawBufferPointer, of connection: OpaquePointer) -> Int {
    // The handle only crosses into the lock that this same thread holds.
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

  /// MHD has let go of the connection.
  func drop() {
    state.withLock { state in
      state.gone = true
      state.pending = []
      state.sleeping = nil
    }
  }
}
