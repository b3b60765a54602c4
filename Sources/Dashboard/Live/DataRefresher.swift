import Foundation
import Glibc
import HTTP
import Support
import Synchronization
import SystemIO
import Warehouse

/// Keeps the newest version of a source's rows, read on its own thread, and notifies the open pages of each new version.
final class DataRefresher: Sendable {
  struct State: Sendable {
    var dataset: DatasetVersion
    var reading: LoadedData
    /// The error, while the source cannot be read and the rows may be outdated.
    var error: String?
    var count = 1
  }

  typealias Open = @Sendable () throws -> any DataSource

  let hub = EventBroadcaster()
  /// A note for the user about how changes are detected.
  let notice: String?
  private let state: Mutex<State>
  private let stop: WakeupPipe
  private let finished = DispatchSemaphore(value: 0)
  private let isClosed = Atomic<Bool>(false)
  private let onChange: @Sendable (DatasetVersion) -> Void
  /// Distinguishes this process's versions from those of an earlier process; milliseconds since 1970.
  private let start = UInt64(Date().timeIntervalSince1970 * 1000)

  /// Reads the first version, and throws the source's errors. `onChange` is called with each later version, on the source's thread.
  init(_ open: @escaping Open, stop: WakeupPipe = WakeupPipe(), onChange: @escaping @Sendable (DatasetVersion) -> Void = { _ in }) throws {
    self.stop = stop
    let source = try open()
    let first: LoadedData
    do {
      first = try source.read()
    } catch {
      source.close()
      throw error
    }
    state = Mutex(State(dataset: DatasetVersion(first, store: source.store, version: "\(start)-1", read: Self.now), reading: first))
    self.onChange = onChange
    notice = source.notice
    // The source is handed over once, here: this thread does not use it again.
    nonisolated(unsafe) let handed = source
    let thread = Thread { [self] in
      follow(handed, open)
      finished.signal()
    }
    thread.name = "dataset refresher"
    thread.start()
  }

  var current: State { state.withLock { $0 } }
  var dataset: DatasetVersion { state.withLock { $0.dataset } }

  /// The event for the pages: the version to show, and the error, if any.
  var event: ServerSentEvent {
    let state = current
    let data = JSON.object([
      ("version", .string(state.dataset.version)), ("read", .string(state.dataset.read)), ("error", .text(state.error)),
    ])
    return ServerSentEvent(name: "rows", data: data.line)
  }

  /// Ends the thread. Idempotent.
  func close() {
    guard !isClosed.exchange(true, ordering: .acquiringAndReleasing) else { return }
    stop.set()
    finished.wait()
  }

  private func follow(_ first: any DataSource, _ open: Open) {
    var source: (any DataSource)? = first
    defer { source?.close() }
    var retries = RetryPolicy(seconds: nil, firstPause: .milliseconds(250), maxPause: .seconds(5))
    while !stop.isSet {
      do {
        if let source {
          guard try source.waitForChange(stop), !stop.isSet else { continue }
          let start = ContinuousClock.now
          publish(try source.read(), source.store)
          // A row shows at once. While batch after batch lands, several become one version, and reading takes half of the time.
          stop.wait(max(.milliseconds(40), .now - start))
        } else {
          let fresh = try open()
          source = fresh
          publish(try fresh.read(), fresh.store)
        }
        retries.succeeded()
      } catch {
        source?.close()
        source = nil
        report("\(error)")
        if case .retry(let pause, _) = retries.failed() { stop.wait(pause) }
      }
    }
  }

  private func publish(_ reading: LoadedData, _ store: SourceInfo) {
    let (dataset, isNew, isNews) = state.withLock { state in
      let isNew = state.reading != reading
      let isNews = isNew || state.error != nil
      if isNew {
        state.count += 1
        state.reading = reading
        state.dataset = DatasetVersion(reading, store: store, version: "\(start)-\(state.count)", read: Self.now)
      }
      state.error = nil
      return (state.dataset, isNew, isNews)
    }
    if isNew { onChange(dataset) }
    if isNews { hub.send(event) }
  }

  private func report(_ error: String) {
    let isNews = state.withLock { state in
      defer { state.error = error }
      return state.error == nil
    }
    if isNews { hub.send(event) }
  }

  private static var now: String { Date().formatted(.iso8601) }
}

/// A source of rows. One thread opens, uses and closes it.
protocol DataSource: AnyObject {
  var store: SourceInfo { get }
  /// A note for the user about how changes are detected.
  var notice: String? { get }
  func read() throws -> LoadedData
  /// Waits up to a second for a change, or until `stop` is set. Returns whether there was a change.
  func waitForChange(_ stop: WakeupPipe) throws -> Bool
  func close()
}

extension DataSource {
  var notice: String? { nil }
}

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
