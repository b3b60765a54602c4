import CMicrohttpd
import Glibc
import Synchronization
import SystemIO

/// One client's stream of server-sent events. Between two events its connection is suspended.
///
/// Any thread may send. A disconnected client is detected by the first write that fails, at the latest at the second heartbeat.
/// A client that does not read is disconnected once `backlog` bytes are pending.
package final class EventStream: SuspendedResponse {
  private struct State {
    var pending: [UInt8] = []
    var sleeping: SuspendedConnection?
    var ended = false
    var gone = false
  }

  private let state = Mutex(State())
  private let backlog: Int

  /// `backlog`: the maximum number of bytes pending for a slow client.
  package init(backlog: Int = 65_536) {
    self.backlog = backlog
  }

  /// Returns false if the client has disconnected or the stream has ended.
  @discardableResult
  package func send(_ event: ServerSentEvent) -> Bool {
    send(bytes: event.bytes)
  }

  /// Ends the stream. Events that were sent before are still delivered.
  package func close() { end() }

  /// Whether the stream has not ended and its client is connected.
  package var isOpen: Bool { state.withLock { !$0.ended && !$0.gone } }

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

/// Connects an event stream to the MHD response that reads from it, and disconnects it when MHD frees the response.
final class EventStreamBody {
  let stream: EventStream
  let connection: OpaquePointer
  let sleepers: SuspendedResponses

  init(stream: EventStream, connection: OpaquePointer, sleepers: SuspendedResponses) {
    self.stream = stream
    self.connection = connection
    self.sleepers = sleepers
  }

  /// A response of unknown length that owns this object.
  var response: OpaquePointer? {
    let owner = Unmanaged.passRetained(self)
    let response = MHD_create_response_from_callback(UInt64.max, 4096, readEvents, owner.toOpaque(), dropEvents)
    if response == nil { dropEvents(owner.toOpaque()) }
    return response
  }
}

/// MHD_ContentReaderCallback. A global function because C calls it on its own threads.
private func readEvents(_ context: UnsafeMutableRawPointer?, _: UInt64, _ buffer: UnsafeMutablePointer<CChar>?, _ size: Int) -> Int {
  guard let context, let buffer else { return -1 }
  let reader = Unmanaged<EventStreamBody>.fromOpaque(context).takeUnretainedValue()
  return reader.stream.read(into: UnsafeMutableRawBufferPointer(start: buffer, count: size), of: reader.connection)
}

/// MHD_ContentReaderFreeCallback.
private func dropEvents(_ context: UnsafeMutableRawPointer?) {
  guard let context else { return }
  let reader = Unmanaged<EventStreamBody>.fromOpaque(context).takeRetainedValue()
  reader.stream.drop()
  reader.sleepers.remove(reader.stream)
}

/// One event of a stream (WHATWG HTML, "Server-sent events").
package struct ServerSentEvent: Sendable, Equatable {
  /// The `event` field; nil for a message event.
  package let name: String?
  /// The `id` field.
  package let id: String?
  /// The data; it may have several lines.
  package let data: String

  /// An event with its fields.
  package init(name: String? = nil, id: String? = nil, data: String) {
    self.name = name
    self.id = id
    self.data = data
  }

  /// The event as sent. A line break in `data` starts another data line; in a name or id it would start another field, so it is removed.
  var bytes: [UInt8] {
    var text = ""
    if let name { text += "event: " + Self.oneLine(name) + "\n" }
    if let id { text += "id: " + Self.oneLine(id) + "\n" }
    for line in data.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) { text += "data: " + line + "\n" }
    return Array((text + "\n").utf8)
  }

  private static func oneLine(_ text: String) -> String {
    text.filter { !$0.isNewline && $0 != "\0" }
  }
}

/// Calls a function at regular intervals on its own thread, until it is stopped.
final class HeartbeatTimer: Sendable {
  private final class Shared: Sendable {
    let interval: Duration
    let action: @Sendable () -> Void
    let stop = WakeupPipe()

    init(_ interval: Duration, _ action: @escaping @Sendable () -> Void) {
      self.interval = max(interval, .milliseconds(1))
      self.action = action
    }

    func run() {
      while !stop.wait(interval) { action() }
    }
  }

  private let shared: Shared
  private let thread: Mutex<pthread_t?>

  /// If the system has no pipe or thread left, the timer never fires, and event streams get no heartbeat.
  init(every interval: Duration, _ action: @escaping @Sendable () -> Void) {
    shared = Shared(interval, action)
    // Without a pipe, stopping would wait for the end of an interval.
    guard shared.stop.descriptor >= 0 else {
      thread = Mutex(nil)
      return
    }
    let context = Unmanaged.passRetained(shared)
    var thread = pthread_t()
    let code = pthread_create(
      &thread, nil,
      { context in
        guard let context else { return nil }
        Unmanaged<Shared>.fromOpaque(context).takeRetainedValue().run()
        return nil
      }, context.toOpaque())
    if code != 0 { context.release() }
    self.thread = Mutex(code == 0 ? thread : nil)
  }

  /// Waits until the action is not running and will not run again.
  func stop() {
    guard let thread = thread.withLock({ $0.take() }) else { return }
    shared.stop.set()
    pthread_join(thread, nil)
  }
}
