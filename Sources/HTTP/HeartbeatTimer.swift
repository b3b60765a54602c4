import Glibc
import Synchronization

/// Calls a function at regular intervals on its own thread, until it is stopped.
final class HeartbeatTimer: Sendable {
  private final class Shared: Sendable {
    let interval: Duration
    let action: @Sendable () -> Void
    /// A self-pipe: the thread polls its read end, and a write to it ends the thread.
    let pipe: (read: Int32, write: Int32)

    init(_ interval: Duration, _ pipe: (read: Int32, write: Int32), _ action: @escaping @Sendable () -> Void) {
      self.interval = interval
      self.pipe = pipe
      self.action = action
    }

    deinit {
      Glibc.close(pipe.read)
      Glibc.close(pipe.write)
    }

    func run() {
      let milliseconds = Int32(clamping: interval / .milliseconds(1) < 1 ? 1 : Int(interval / .milliseconds(1)))
      while true {
        var poll = pollfd(fd: pipe.read, events: Int16(POLLIN), revents: 0)
        let ready = Glibc.poll(&poll, 1, milliseconds)
        if ready > 0 || (ready < 0 && errno != EINTR) { return }
        if ready == 0 { action() }
      }
    }
  }

  private let shared: Shared?
  private let thread: Mutex<pthread_t?>

  /// If the system has no pipe or thread left, the timer never fires, and event streams get no heartbeat.
  init(every interval: Duration, _ action: @escaping @Sendable () -> Void) {
    var ends: [Int32] = [-1, -1]
    var thread = pthread_t()
    guard pipe(&ends) == 0 else {
      shared = nil
      self.thread = Mutex(nil)
      return
    }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    let shared = Shared(interval, (ends[0], ends[1]), action)
    let context = Unmanaged.passRetained(shared)
    let code = pthread_create(
      &thread, nil,
      { context in
        guard let context else { return nil }
        Unmanaged<Shared>.fromOpaque(context).takeRetainedValue().run()
        return nil
      }, context.toOpaque())
    if code != 0 { context.release() }
    self.shared = shared
    self.thread = Mutex(code == 0 ? thread : nil)
  }

  /// Waits until the action is not running and will not run again.
  func stop() {
    guard let shared, let thread = thread.withLock({ $0.take() }) else { return }
    var byte: UInt8 = 1
    _ = write(shared.pipe.write, &byte, 1)
    pthread_join(thread, nil)
  }
}
