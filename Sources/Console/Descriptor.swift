import Glibc

/// The reader of our standard output has gone (EPIPE): nothing of use is left to say.
public struct OutputClosed: Error {}

/// Writing to a file descriptor, whole.
enum Descriptor {
  /// Writes all bytes, whatever pieces the system takes.
  ///
  /// - Returns: 0, or the errno of the write that failed.
  static func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int32 {
    var rest = bytes[...]
    while !rest.isEmpty {
      let written = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
      if written >= 0 {
        rest = rest.dropFirst(written)
      } else if errno == EAGAIN {
        // Someone else made the pipe or terminal non-blocking.
        var ready = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        _ = poll(&ready, 1, -1)
      } else if errno != EINTR {
        return errno
      }
    }
    return 0
  }
}
