import Glibc

/// The reader of our standard output has closed it (EPIPE); further output is useless.
public struct BrokenPipe: Error {}

/// Complete writes to a file descriptor.
enum FileDescriptorIO {
  /// Writes all bytes, with several calls if needed.
  ///
  /// - Returns: 0, the errno of the write that failed, or ECANCELED for the signal.
  static func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int32 {
    var status = stat()
    let mayWait = fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT != S_IFREG
    var rest = bytes[...]
    while !rest.isEmpty {
      if mayWait {
        var waits = [
          pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0), pollfd(fd: Signals.descriptor, events: Int16(POLLIN), revents: 0),
        ]
        _ = poll(&waits, nfds_t(waits.count), -1)
        if waits[0].revents == 0 {
          if Signals.received != nil { return ECANCELED }
          continue
        }
      }
      // «POLLOUT: writing is now possible, though a write larger than the available space … will still block»: a page is free in a pipe then.
      let piece = mayWait ? min(rest.count, Int(PIPE_BUF)) : rest.count
      let written = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, piece)
      if written >= 0 {
        rest = rest.dropFirst(written)
      } else if errno != EINTR, errno != EAGAIN {
        // EAGAIN: someone else made the pipe or terminal non-blocking.
        return errno
      }
    }
    return 0
  }
}
