import Glibc
import Synchronization

/// A flag that a thread can wait for, also with poll(2): a self-pipe. Once set, it stays set and no wait blocks.
package final class WakeupPipe: Sendable {
  /// Readable once the flag is set. Never read from it. -1 if the system had no pipe left, and then waits only end by their timeout.
  package let descriptor: Int32
  private let writeEnd: Int32
  private let flag = Atomic<Bool>(false)

  /// A flag that is not set.
  package init() {
    let ends = (try? Pipe.open()) ?? (read: -1, write: -1)
    // A full pipe must not block who sets the flag, which may be a signal handler.
    for end in [ends.read, ends.write] where end >= 0 { _ = fcntl(end, F_SETFL, O_NONBLOCK) }
    (descriptor, writeEnd) = (ends.read, ends.write)
  }

  deinit {
    for end in [descriptor, writeEnd] where end >= 0 { close(end) }
  }

  /// Whether the flag is set.
  package var isSet: Bool { flag.load(ordering: .acquiring) }

  /// Sets the flag. It may be called in a signal handler, which must keep errno: it stores an atomic value and calls write(2).
  package func set() {
    flag.store(true, ordering: .releasing)
    var byte: UInt8 = 1
    _ = write(writeEnd, &byte, 1)
  }

  /// Waits until the time has passed or the flag is set.
  ///
  /// - Returns: whether the flag is set.
  @discardableResult
  package func wait(_ duration: Duration) -> Bool {
    let end = ContinuousClock.now + duration
    while !isSet {
      // Rounded up, so that a rest below a millisecond is waited for.
      let left = ((end - .now) / .milliseconds(1)).rounded(.up)
      guard left > 0 else { break }
      var ready = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      _ = poll(&ready, 1, Int32(clamping: Int(min(left, 1e9))))
    }
    return isSet
  }
}

/// Both ends of pipe(2).
package enum Pipe {
  /// Opens a pipe that no started program inherits.
  package static func open() throws(SystemError) -> (read: Int32, write: Int32) {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { throw SystemError(code: errno) }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return (ends[0], ends[1])
  }
}

/// A failed system call.
package struct SystemError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The errno.
  package let code: Int32

  /// The error of an errno.
  package init(code: Int32) { self.code = code }

  /// The system's message.
  package var description: String { systemMessage(code) }
}

/// The system's message for an errno.
package func systemMessage(_ code: Int32) -> String { String(cString: strerror(code)) }
