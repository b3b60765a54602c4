import Glibc
import SystemIO

/// A file read in chunks; `-` is standard input.
///
/// It may be a pipe or a device: no call waits for one past a signal (``Signals``).
package struct InputFile: ~Copyable {
  /// The path, or `standard input`; used in messages.
  package let name: String
  /// The size in bytes; nil if it is unknown.
  package let size: Int?
  private let descriptor: Int32
  private let isOwned: Bool

  /// Opens a file.
  ///
  /// - Parameter what: The kind of file, for messages: `CSV`, `description`.
  /// - Throws: ``CommandError`` (66) if it is missing, a folder, or cannot be read.
  package init(_ path: String, what: String = "file") throws(CommandError) {
    if path == "-" {
      (name, size, descriptor, isOwned) = ("standard input", nil, STDIN_FILENO, false)
      return
    }
    // Not blocking: to open a named pipe would wait for its writer, and a signal would not end that. Reading waits, see below.
    let opened = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
    guard opened >= 0 else {
      let code = errno
      throw CommandError(.noInput, "\(path): \(Self.reason(code, what: what))", hint: Self.hint(code, path: path))
    }
    var status = stat()
    fstat(opened, &status)
    if status.st_mode & S_IFMT == S_IFDIR {
      close(opened)
      throw CommandError(.noInput, "\(path): is a folder, not a \(what)", hint: "Name the file itself.")
    }
    let isRegular = status.st_mode & S_IFMT == S_IFREG
    (name, size, descriptor, isOwned) = (path, isRegular ? Int(status.st_size) : nil, opened, true)
  }

  deinit {
    if isOwned { close(descriptor) }
  }

  /// Reads the next chunk into `buffer`.
  ///
  /// - Returns: The number of bytes; 0 at the end.
  /// - Throws: `CommandError` if the file cannot be read, or a signal ended the wait for a pipe.
  package func read(into buffer: UnsafeMutableRawBufferPointer) throws(CommandError) -> Int {
    while true {
      // A device such as /dev/zero is always ready and has no end.
      try checkSignal()
      // For a named pipe that no program has opened for writing yet, poll reports nothing, and read returns the end of the file.
      while !isReady(timeout: nil) { try checkSignal() }
      let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
      if count >= 0 { return count }
      if errno != EINTR, errno != EAGAIN { throw CommandError(.noInput, "\(name): cannot be read: \(systemMessage(errno))") }
    }
  }

  private func checkSignal() throws(CommandError) {
    if let stop = Signals.received { throw CommandError(stop.exitCode, "stopped by \(stop.name) before the end of the file") }
  }

  /// Reads the next chunk into `bytes`, from its start, at most its count.
  ///
  /// - Returns: The number of bytes; 0 at the end.
  /// - Throws: see ``read(into:)-(UnsafeMutableRawBufferPointer)``.
  package func read(into bytes: inout [UInt8]) throws(CommandError) -> Int {
    var result: Result<Int, CommandError> = .success(0)
    bytes.withUnsafeMutableBytes { room in
      result = Result { () throws(CommandError) in try read(into: room) }
    }
    return try result.get()
  }

  /// Whether a read would not block, for pipes and terminals whose other end may send nothing for a long time.
  ///
  /// - Returns: false after the timeout, or once a signal was received (``Signals``).
  package func isReady(timeout: Duration?) -> Bool {
    if size != nil { return true }
    var waits = [
      pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0), pollfd(fd: Signals.descriptor, events: Int16(POLLIN), revents: 0),
    ]
    return poll(&waits, nfds_t(waits.count), timeout.map { Int32(clamping: Int($0 / .milliseconds(1))) } ?? -1) > 0 && waits[0].revents != 0
  }

  /// Appends the next chunk, of at most `limit` bytes, to `bytes`.
  ///
  /// - Returns: The number of bytes; 0 at the end.
  /// - Throws: see ``read(into:)-(UnsafeMutableRawBufferPointer)``.
  package func read(appendingTo bytes: inout [UInt8], limit: Int = 256 * 1024) throws(CommandError) -> Int {
    let old = bytes.count
    var result: Result<Int, CommandError> = .success(0)
    // Filled with zeros first, then truncated: the cost is a memset of the chunk.
    bytes.append(contentsOf: repeatElement(0, count: limit))
    bytes.withUnsafeMutableBytes { all in
      let chunk = UnsafeMutableRawBufferPointer(rebasing: all[old...])
      result = Result { () throws(CommandError) in try read(into: chunk) }
    }
    let count = try result.get()
    bytes.removeLast(limit - count)
    return count
  }

  /// The most bytes of a file that is read as a whole: a device such as /dev/zero has no end.
  static let maxBytes = 16 << 20

  /// The whole file.
  ///
  /// - Throws: `CommandError` if the file does not exist, cannot be read, or has more than 16 MB.
  package static func contents(_ path: String, what: String = "file") throws(CommandError) -> [UInt8] {
    let file = try InputFile(path, what: what)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(file.size ?? 0)
    while try file.read(appendingTo: &bytes) > 0 {
      guard bytes.count <= maxBytes else {
        throw CommandError(
          .noInput, "\(path): has more than \(maxBytes >> 20) MB, so it is not a \(what)", hint: "Name the file itself.")
      }
    }
    return bytes
  }

  private static func reason(_ code: Int32, what: String) -> String {
    code == ENOENT ? "no such \(what)" : "the \(what) cannot be opened: \(systemMessage(code))"
  }

  private static func hint(_ code: Int32, path: String) -> String? {
    guard code == ENOENT, !path.hasPrefix("/"), let folder = getcwd(nil, 0) else { return nil }
    defer { free(folder) }
    return "Looked for it from \(String(cString: folder))."
  }
}
