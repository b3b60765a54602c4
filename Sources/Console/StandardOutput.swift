import Glibc
import Support
import SystemIO

/// Buffered standard output that distinguishes a closed reader from other write errors.
///
/// It has one owner. Call ``flush()`` before the program ends, and after each line that another program waits for.
package struct StandardOutput: ~Copyable {
  private var buffer: [UInt8] = []
  private let limit: Int

  /// An empty buffer; `bufferSize` is in bytes.
  package init(bufferSize: Int = 64 * 1024) {
    limit = bufferSize
    buffer.reserveCapacity(bufferSize)
  }

  /// Writes a text, unchanged.
  ///
  /// - Throws: ``BrokenPipe`` if the reader has closed the pipe, or a ``CommandError`` (73) if the output cannot be written.
  package mutating func write(_ text: String) throws {
    buffer.append(contentsOf: text.utf8)
    if buffer.count >= limit { try flush() }
  }

  /// Writes bytes; throws as ``write(_:)-(String)``.
  package mutating func write(_ bytes: UnsafeRawBufferPointer) throws {
    buffer.append(contentsOf: bytes)
    if buffer.count >= limit { try flush() }
  }

  /// Writes bytes; throws as ``write(_:)-(String)``.
  package mutating func write(_ bytes: some Collection<UInt8>) throws {
    buffer.append(contentsOf: bytes)
    if buffer.count >= limit { try flush() }
  }

  /// Writes untrusted UTF-8 text as ``Swift/String/printable`` text.
  ///
  /// - Throws: see ``write(_:)-(String)``.
  package mutating func write(printable bytes: some Collection<UInt8>) throws {
    try write(String(decoding: bytes, as: UTF8.self).printable)
  }

  /// Writes the buffer; throws as ``write(_:)-(String)``.
  package mutating func flush() throws {
    defer { buffer.removeAll(keepingCapacity: true) }
    try buffer.withUnsafeBytes { try Self.write($0) }
  }

  /// Writes human-readable lines at once, each as ``Swift/String/printable`` text.
  ///
  /// - Throws: see ``write(_:)-(String)``.
  package static func print(lines: [String]) throws {
    try print(lines.map(\.printable).joined(separator: "\n"))
  }

  /// Writes a machine-readable text at once, unchanged.
  ///
  /// - Throws: see ``write(_:)-(String)``.
  package static func print(_ text: String, terminator: String = "\n") throws {
    var text = text + terminator
    try text.withUTF8 { try write(UnsafeRawBufferPointer($0)) }
  }

  private static func write(_ bytes: UnsafeRawBufferPointer) throws {
    switch FileDescriptorIO.write(STDOUT_FILENO, bytes) {
    case 0: return
    case EPIPE: throw BrokenPipe()
    case ECANCELED where Signals.received != nil: try Signals.check()
    case let code: throw CommandError(.cannotCreate, "cannot write to standard output: \(systemMessage(code))")
    }
  }
}

/// The reader of our standard output has closed it (EPIPE); further output is useless.
package struct BrokenPipe: Error {}

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
      // poll(2): after POLLOUT a write larger than the available space still blocks. In a pipe a page is free then.
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

/// One line of JSON on standard output: `{"topic":"netflix","read":21}`. Keys keep their order.
package struct JSONSummary {
  private var members: [JSON.Member] = []

  /// An empty object.
  package init() {}

  /// Adds a string.
  package mutating func add(_ key: String, _ value: String) { members.append((key, .string(value))) }
  /// Adds an integer.
  package mutating func add(_ key: String, _ value: Int) { members.append((key, .integer(value))) }
  /// Adds a Boolean.
  package mutating func add(_ key: String, _ value: Bool) { members.append((key, .bool(value))) }
  /// Adds a duration in seconds, rounded to three decimals.
  package mutating func add(_ key: String, seconds: Double) {
    let rounded = (seconds * 1000).rounded() / 1000
    let isWhole = rounded == rounded.rounded() && rounded.magnitude < 1e15
    members.append((key, .number(isWhole ? "\(Int(rounded)).0" : "\(rounded)")))
  }
  /// Adds a duration in seconds, rounded to three decimals.
  package mutating func add(_ key: String, _ value: Duration) {
    let parts = value.components
    add(key, seconds: Double(parts.seconds) + Double(parts.attoseconds) * 1e-18)
  }

  /// The object without a line break.
  package var line: String { JSON.object(members).line }

  /// Writes the line at once. A closed standard output is not an error, because the work itself succeeded.
  ///
  /// - Throws: ``CommandError`` (73) if the output cannot be written.
  package func write() throws {
    do { try StandardOutput.print(line) } catch is BrokenPipe {}
  }
}
