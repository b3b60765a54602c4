import Dispatch
import Glibc
import Postgres
import Support
import Synchronization

/// The outcome of writing a batch.
enum WriteResult {
  case committed
  /// A stored offset was not the expected one: another run advanced it, or somebody changed it.
  case offsetConflict
  /// The session broke; a COMMIT that was in flight may have succeeded.
  case connectionLost(PostgresError)
  /// A statement that depends on the records failed.
  case recordSuspected(PostgresError)
  /// A table, column or constraint has changed.
  case schemaMismatch(PostgresError)
  case failed(any Error)
}

/// A thread that writes one batch while the reader builds the next.
///
/// `@unchecked`: batch, store and outcome pass between the threads through the two semaphores.
final class BatchWriter: @unchecked Sendable {
  private let store: PostgresStore
  private let retrySeconds: Int
  private let isStopped: @Sendable () -> Bool
  private let work = DispatchSemaphore(value: 0)
  private let done = DispatchSemaphore(value: 0)
  private var batch: Batch?
  private var outcome = WriteResult.committed
  private(set) var isBusy = false
  private var isClosed = false
  private var thread = pthread_t()
  /// Called on the writer's thread after each result, so that the reader need not ask for it. Set before the first batch.
  var onResult: @Sendable () -> Void = {}
  /// Seconds spent in Postgres.
  private(set) var seconds = 0.0
  private(set) var retries = 0

  init(store: PostgresStore, retrySeconds: Int, isStopped: @escaping @Sendable () -> Bool) throws(SinkError) {
    self.store = store
    self.retrySeconds = retrySeconds
    self.isStopped = isStopped
    let context = Unmanaged.passRetained(self)
    guard pthread_create(&thread, nil, runBatchWriter, context.toOpaque()) == 0 else {
      context.release()
      throw SinkError(.internal, "the system gives no thread")
    }
  }

  /// Starts writing a batch. The writer owns the store until `wait` has returned a result.
  func start(_ batch: Batch) {
    precondition(!isBusy)
    isBusy = true
    self.batch = batch
    work.signal()
  }

  /// The outcome of the batch; nil if it is not known within the time given.
  func wait(timeout: Duration) -> WriteResult? {
    precondition(isBusy)
    guard done.wait(timeout: .now() + timeout / .seconds(1)) == .success else { return nil }
    isBusy = false
    return outcome
  }

  /// Ends the thread, and with it the calls of `onResult`. Does nothing while a batch is being written.
  func close() {
    guard !isClosed, !isBusy else { return }
    isClosed = true
    work.signal()
    pthread_join(thread, nil)
  }

  fileprivate func run() {
    while true {
      work.wait()
      guard let batch else { return }
      let start = ContinuousClock.now
      outcome = landRetrying(batch)
      seconds += (ContinuousClock.now - start) / .seconds(1)
      self.batch = nil
      done.signal()
      onResult()
    }
  }

  /// Lands a batch, and again with back-off after a conflict of transactions.
  private func landRetrying(_ batch: Batch) -> WriteResult {
    var policy = RetryPolicy(seconds: retrySeconds, firstPause: .milliseconds(5), maxPause: .seconds(1))
    let start = ContinuousClock.now
    while true {
      do {
        store.connectSeconds = policy.remaining() / .seconds(1)
        return try store.land(batch) ? .committed : .offsetConflict
      } catch {
        let refusal = error as? SuspectedRecordError
        guard let error = refusal?.error ?? error as? PostgresError else {
          store.rollback()
          return .failed(error)
        }
        // An error that a trigger raised leaves the session usable, whatever its SQLSTATE: retry the batch, as for a deadlock or a lock
        // timeout.
        let isTransient = error.kind == .transient || error.kind == .unavailable && error.isRaisedByFunction && store.isConnected
        switch error.kind {
        case .unavailable where !isTransient, .cancelled:
          store.close()
          return .connectionLost(error)
        case _ where isTransient && !(batch.blamesRetriableErrors && error.mayDependOnRecord(blamesRetriableErrors: true)):
          store.rollback()
          // A wait for a lock takes time that counts; a statement that was canceled may have been at work.
          guard case .retry(let pause, _) = policy.failed(began: error.sqlstate == SQLState.lockNotAvailable ? start : nil) else {
            // The last chance of a record that causes it by a trigger is a replay.
            return refusal != nil && error.mayDependOnRecord(blamesRetriableErrors: true) ? .recordSuspected(error) : .failed(error)
          }
          // Rolled back, so a session that is gone now changes nothing; but what it left must be read again.
          guard store.isConnected, !isStopped() else { return .connectionLost(error) }
          if error.sqlstate == SQLState.lockNotAvailable { store.endStuckSessions() }
          retries += 1
          sleep(pause, unless: isStopped)
        case .schema:
          store.rollback()
          return .schemaMismatch(error)
        default:
          store.rollback()
          if refusal != nil { return .recordSuspected(error) }
          return .failed(error.kind == .data ? error.withoutRecords : error)
        }
      }
    }
  }
}

/// The thread's entry point for `pthread_create`.
private let runBatchWriter: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { context in
  guard let context else { return nil }
  Unmanaged<BatchWriter>.fromOpaque(context).takeRetainedValue().run()
  return nil
}
