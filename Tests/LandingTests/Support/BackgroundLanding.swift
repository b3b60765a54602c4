import Dispatch
import Glibc
import Synchronization
import TestSupport

@testable import Landing

/// A `SinkTask` on a separate thread, as in a program.
final class BackgroundLanding: Sendable {
  private struct State {
    var isStopped = false
    var hasHeard = false
    var progress = SinkProgress()
    var result: Result<SinkSummary, any Error>?
  }

  private let state = Mutex(State())
  private let ended = DispatchSemaphore(value: 0)

  init(_ pipeline: PipelineFixture, _ change: (inout SinkOptions) -> Void = { _ in }) {
    var options = pipeline.options
    change(&options)
    let (final, log) = (options, pipeline.output.log)
    let (resource, configuration) = (pipeline.resource, pipeline.configuration)
    DispatchQueue(label: "landing").async { [self] in
      let result = Result {
        let landing = try SinkTask(
          resource: resource, options: final, configuration: configuration, log: log,
          isStopped: { self.askedToStop() }, report: { progress in self.state.withLock { $0.progress = progress } })
        try landing.run()
        return landing.summary
      }
      state.withLock { $0.result = result }
      ended.signal()
    }
  }

  var progress: SinkProgress { state.withLock { $0.progress } }
  /// Whether it reads this number of partitions; throws the error with which the run ended.
  func reads(_ partitions: Int) throws -> Bool {
    if case .failure(let error) = state.withLock({ $0.result }) { throw error }
    return progress.lag.count == partitions
  }

  var isRunning: Bool { state.withLock { $0.result == nil } }

  private func askedToStop() -> Bool {
    state.withLock { state in
      if state.isStopped { state.hasHeard = true }
      return state.isStopped
    }
  }

  /// Whether it has received the stop request.
  var hasHeard: Bool { state.withLock { $0.hasHeard } }

  func stop() { state.withLock { $0.isStopped = true } }

  /// Waits until it has ended, and returns its summary.
  func wait(seconds: Int = 120) throws -> SinkSummary {
    guard ended.wait(timeout: .now() + .seconds(seconds)) == .success, let result = state.withLock({ $0.result }) else {
      throw TestSupportError("the landing has not ended after \(seconds) s")
    }
    return try result.get()
  }
}
