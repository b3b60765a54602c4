import Dispatch
import Glibc
import Synchronization

/// Runs a libpq call that can only block (it resolves a name, or sends a cancel request) on a separate thread. The caller can stop waiting
/// at any time; the thread cleans up a late result.
///
/// `@unchecked`: `value` is written before `done` is signaled and read after it, or, once abandoned, used by the thread only.
final class SideThread<Value>: @unchecked Sendable {
  private let body: () -> Value
  private let discard: (Value) -> Void
  private let done = DispatchSemaphore(value: 0)
  private let isSettled = Atomic<Bool>(false)
  private var value: Value?

  private init(_ body: @escaping () -> Value, _ discard: @escaping (Value) -> Void) {
    self.body = body
    self.discard = discard
  }

  /// Runs `body`, which must not use objects of the caller's thread.
  ///
  /// - Parameters:
  ///   - isOver: whether to stop waiting; called ten times per second.
  ///   - discard: receives a value that arrives later.
  /// - Returns: nil if the wait ended first.
  static func run(
    until isOver: () -> Bool, discard: @escaping (Value) -> Void = { _ in }, _ body: @escaping () -> Value
  ) -> Value? {
    let call = SideThread(body, discard)
    let context = Unmanaged.passRetained(SideThreadStart(call.run))
    var thread = pthread_t()
    guard pthread_create(&thread, nil, runSideThread, context.toOpaque()) == 0 else {
      // If no thread can be created, the call blocks, as it would in libpq.
      context.release()
      return body()
    }
    pthread_detach(thread)
    while call.done.wait(timeout: .now() + .milliseconds(100)) != .success {
      if isOver(), !call.isSettled.exchange(true, ordering: .acquiringAndReleasing) { return nil }
    }
    return call.value
  }

  private func run() {
    let value = body()
    self.value = value
    if isSettled.exchange(true, ordering: .acquiringAndReleasing) {
      self.value = nil
      discard(value)
    } else {
      done.signal()
    }
  }
}

/// The closure for a thread, as an object that can be passed through C.
private final class SideThreadStart {
  let run: () -> Void
  init(_ run: @escaping () -> Void) { self.run = run }
}

private let runSideThread: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { context in
  guard let context else { return nil }
  Unmanaged<SideThreadStart>.fromOpaque(context).takeRetainedValue().run()
  return nil
}
