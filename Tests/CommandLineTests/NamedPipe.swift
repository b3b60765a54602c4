import Glibc
import TestSupport

/// The write end of a named pipe.
final class NamedPipe {
  private var descriptor: Int32

  init(_ path: String) throws {
    guard mkfifo(path, 0o600) == 0 else { throw TestSupportError("no pipe at \(path)") }
    // Opened for reading and writing: opening it for writing only blocks until the program reads.
    descriptor = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw TestSupportError("\(path) cannot be opened") }
  }

  deinit { close() }

  /// Waits until the reader has read it, with a timeout, because the reader may have ended.
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

  /// Closes the pipe: the reader gets the end of the file.
  func close() {
    if descriptor >= 0 { Glibc.close(descriptor) }
    descriptor = -1
  }
}
