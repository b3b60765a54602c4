import Glibc
import Synchronization

/// A flag that a thread can wait for, also with poll(2). Once set, it stays set and no wait blocks.
final class WakeupPipe: Sendable {
  /// Readable once the flag is set; -1 if the system had no pipe left, and then waits only end by their timeout.
  let descriptor: Int32
  private let writeEnd: Int32
  private let flag = Atomic<Bool>(false)

  init() {
    var ends: [Int32] = [-1, -1]
    _ = pipe(&ends)
    for end in ends where end >= 0 { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    (descriptor, writeEnd) = (ends[0], ends[1])
  }

  deinit {
    for end in [descriptor, writeEnd] where end >= 0 { close(end) }
  }

  var isSet: Bool { flag.load(ordering: .acquiring) }

  func set() {
    flag.store(true, ordering: .releasing)
    var byte: UInt8 = 1
    _ = write(writeEnd, &byte, 1)
  }

  /// Waits until the time has passed or the flag is set.
  func wait(seconds: Double) {
    guard !isSet else { return }
    var ready = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    _ = poll(&ready, 1, Int32(clamping: Int(seconds * 1000)))
  }
}
