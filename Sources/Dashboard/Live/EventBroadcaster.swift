import HTTP
import Synchronization

/// Sends each event to all open event streams.
final class EventBroadcaster: Sendable {
  private let streams = Mutex<[EventStream]>([])
  private let limit: Int

  init(limit: Int = 200) {
    self.limit = limit
  }

  var count: Int { streams.withLock { $0.count(where: \.isOpen) } }

  /// A new stream that starts with `event`. Throws 503 if `limit` streams are open.
  func open(with event: ServerSentEvent) throws(ProblemDetails) -> EventStream {
    let stream = EventStream()
    stream.send(event)
    let isFull = streams.withLock { streams in
      streams.removeAll { !$0.isOpen }
      if streams.count < limit { streams.append(stream) }
      return streams.last !== stream
    }
    if isFull { throw ProblemDetails(status: 503, detail: "Too many pages are open.", headers: ["Retry-After": "30"]) }
    return stream
  }

  func send(_ event: ServerSentEvent) {
    streams.withLock { $0.removeAll { !$0.send(event) } }
  }
}
