import Glibc
import TestSupport

/// A named pipe's writing end.
final class NamedPipe {
  private var descriptor: Int32

  init(_ path: String) throws {
    guard mkfifo(path, 0o600) == 0 else { throw TestSupportError("no pipe at \(path)") }
    // For both ways: to open it for writing alone waits until the program reads.
    descriptor = open(path, O_RDWR | O_CLOEXEC)
    guard descriptor >= 0 else { throw TestSupportError("\(path) cannot be opened") }
  }

  deinit { close() }

  func write(_ text: String) {
    var text = text
    text.withUTF8 { _ = Glibc.write(descriptor, $0.baseAddress, $0.count) }
  }

  /// The end of the file for who reads.
  func close() {
    if descriptor >= 0 { Glibc.close(descriptor) }
    descriptor = -1
  }
}
