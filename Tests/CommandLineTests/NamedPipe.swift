import Glibc
import TestSupport

/// A named pipe's writing end.
final class NamedPipe {
  private var descriptor: Int32

  init(_ path: String) throws {
    guard mkfifo(path, 0o600) == 0 else { throw TestSupportError("no pipe at \(path)") }
    // For both ways: to open it for writing alone waits until the program reads.
    descriptor = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw TestSupportError("\(path) cannot be opened") }
  }

  deinit { close() }

  /// Waits for the reader to take it; not for ever, since it may have ended.
  func write(_ text: String, seconds: Double = 60) throws {
    let deadline = ContinuousClock.now + .seconds(seconds)
    var left = Array(text.utf8)[...]
    while !left.isEmpty {
      let written = left.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if written > 0 {
        left = left.dropFirst(written)
        continue
      }
      guard errno == EAGAIN || errno == EINTR, ContinuousClock.now < deadline else {
        throw TestSupportError("the reader takes no more; \(left.count) bytes are left")
      }
      var room = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
      _ = poll(&room, 1, 100)
    }
  }

  /// The end of the file for who reads.
  func close() {
    if descriptor >= 0 { Glibc.close(descriptor) }
    descriptor = -1
  }
}
