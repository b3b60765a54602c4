import Dispatch
import Glibc
import Synchronization

/// A call of libpq that can only block (it resolves a name, or asks a server to cancel), on a thread of its own: its caller stops waiting
/// when it wants to, and what comes too late is cleaned up by the thread.
///
/// `@unchecked`: `value` is written before `done` is signaled and read after it, or, once abandoned, used by the thread alone.
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

  /// Runs `body`, which must not use what belongs to the caller's thread.
  ///
  /// - Parameters:
  ///   - isOver: whether to stop waiting; asked ten times a second.
  ///   - discard: gets a value that comes after that.
  /// - Returns: nil if the wait was over first.
  static func run(
    until isOver: () -> Bool, discard: @escaping (Value) -> Void = { _ in }, _ body: @escaping () -> Value
  ) -> Value? {
    let call = SideThread(body, discard)
    let context = Unmanaged.passRetained(SideThreadStart(call.run))
    var thread = pthread_t()
    guard pthread_create(&thread, nil, runSideThread, context.toOpaque()) == 0 else {
      // Without a thread to spare it blocks, as libpq itself would.
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

/// What a thread's start takes through C.
private final class SideThreadStart {
  let run: () -> Void
  init(_ run: @escaping () -> Void) { self.run = run }
}

private let runSideThread: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { context in
  guard let context else { return nil }
  Unmanaged<SideThreadStart>.fromOpaque(context).takeRetainedValue().run()
  return nil
}
