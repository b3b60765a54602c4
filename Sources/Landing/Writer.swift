import Dispatch
import Glibc
import Postgres
import Synchronization

/// What became of a batch.
enum Outcome {
  case landed
  /// An offset was not where it was expected: someone else moved it.
  case overtaken
  /// The session broke; a COMMIT under way may have happened.
  case broken(PostgresError)
  /// The server refused a value.
  case refused(PostgresError)
  /// A table, column or constraint is not what it was.
  case schema(PostgresError)
  case failed(any Error)
}

/// A thread that writes one batch while the reader types the next.
///
/// `@unchecked`: batch, store and outcome go from thread to thread through the two semaphores.
final class Writer: @unchecked Sendable {
  private let store: Store
  private let retrySeconds: Int
  private let isStopped: @Sendable () -> Bool
  private let work = DispatchSemaphore(value: 0)
  private let done = DispatchSemaphore(value: 0)
  private var batch: Batch?
  private var outcome = Outcome.landed
  private(set) var isBusy = false
  private var isClosed = false
  /// Time spent in Postgres.
  private(set) var seconds = 0.0
  private(set) var retries = 0

  init(store: Store, retrySeconds: Int, isStopped: @escaping @Sendable () -> Bool) throws(LandingError) {
    self.store = store
    self.retrySeconds = retrySeconds
    self.isStopped = isStopped
    var thread = pthread_t()
    let context = Unmanaged.passRetained(self)
    guard pthread_create(&thread, nil, runWriter, context.toOpaque()) == 0 else {
      context.release()
      throw LandingError(.software, "the system gives no thread")
    }
    pthread_detach(thread)
  }

  /// The store is the writer's until `wait` answered.
  func start(_ batch: Batch) {
    precondition(!isBusy)
    isBusy = true
    self.batch = batch
    work.signal()
  }

  /// What became of the batch, once it is known; nil if that takes longer.
  func wait(milliseconds: Int) -> Outcome? {
    precondition(isBusy)
    guard done.wait(timeout: .now() + .milliseconds(milliseconds)) == .success else { return nil }
    isBusy = false
    return outcome
  }

  /// Ends the thread; nothing is being written.
  func close() {
    guard !isClosed, !isBusy else { return }
    isClosed = true
    work.signal()
  }

  fileprivate func run() {
    while true {
      work.wait()
      guard let batch else { return }
      let start = ContinuousClock.now
      outcome = write(batch)
      seconds += (ContinuousClock.now - start) / .seconds(1)
      self.batch = nil
      done.signal()
    }
  }

  private func write(_ batch: Batch) -> Outcome {
    var policy = RetryPolicy(seconds: retrySeconds, firstPause: .milliseconds(5), longestPause: .seconds(1))
    let start = ContinuousClock.now
    while true {
      do {
        store.connectSeconds = policy.left() / .seconds(1)
        return try store.write(batch) ? .landed : .overtaken
      } catch {
        let refusal = error as? Refusal
        guard let error = refusal?.error ?? error as? PostgresError else {
          store.rollback()
          return .failed(error)
        }
        // Raised by a trigger it has broken nothing, whatever its SQLSTATE: the same batch again, as for a deadlock or a lock held for long.
        let isTransient = error.kind == .retryTransaction || error.kind == .away && error.isRaised && store.isConnected
        switch error.kind {
        case .away where !isTransient, .stopped:
          store.close()
          return .broken(error)
        case _ where isTransient && !batch.isLastChance:
          store.rollback()
          // A wait for a lock takes time that counts; a statement that was canceled may have been at work.
          guard case .again(let pause, _) = policy.failed(began: error.sqlstate == "55P03" ? start : nil) else {
            // The last chance of a record that causes it by a trigger is a replay.
            return refusal != nil && error.mayBeTheRecord(isLastChance: true) ? .refused(error) : .failed(error)
          }
          // Rolled back, so a session that is gone now changes nothing; but what it left must be read again.
          guard store.isConnected, !isStopped() else { return .broken(error) }
          if error.sqlstate == "55P03" { store.endStuckSessions() }
          retries += 1
          sleep(pause, unless: isStopped)
        case .schema:
          store.rollback()
          return .schema(error)
        default:
          store.rollback()
          if refusal != nil { return .refused(error) }
          return .failed(error.kind == .data ? error.withoutRecords : error)
        }
      }
    }
  }
}

/// A thread's start for C.
private let runWriter: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { context in
  guard let context else { return nil }
  Unmanaged<Writer>.fromOpaque(context).takeRetainedValue().run()
  return nil
}
