import Glibc

/// Standard output: buffered for many lines, with its failures told apart.
///
/// One owner; ``flush()`` before the program ends or another program waits for a line.
public struct StandardOutput: ~Copyable {
  private var buffer: [UInt8] = []
  private let limit: Int

  public init(bufferSize: Int = 64 * 1024) {
    limit = bufferSize
    buffer.reserveCapacity(bufferSize)
  }

  /// - Throws: ``BrokenPipe`` where the reader has gone, or a ``CommandError`` (73) where output cannot be written.
  public mutating func write(_ text: String) throws {
    buffer.append(contentsOf: text.utf8)
    if buffer.count >= limit { try flush() }
  }

  public mutating func write(_ bytes: UnsafeRawBufferPointer) throws {
    buffer.append(contentsOf: bytes)
    if buffer.count >= limit { try flush() }
  }

  public mutating func write(_ bytes: some Collection<UInt8>) throws {
    buffer.append(contentsOf: bytes)
    if buffer.count >= limit { try flush() }
  }

  /// Writes UTF-8 text from outside as ``Swift/String/printable`` text.
  public mutating func write(printable bytes: some Collection<UInt8>) throws {
    try write(String(decoding: bytes, as: UTF8.self).printable)
  }

  public mutating func flush() throws {
    defer { buffer.removeAll(keepingCapacity: true) }
    try buffer.withUnsafeBytes { try Self.write($0) }
  }

  /// Writes lines for people at once, each ``Swift/String/printable``.
  public static func print(lines: [String]) throws {
    try print(lines.map(\.printable).joined(separator: "\n"))
  }

  /// Writes a text at once, as it is: for machines.
  public static func print(_ text: String, terminator: String = "\n") throws {
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

/// The system's words for an errno.
public func systemMessage(_ code: Int32) -> String { String(cString: strerror(code)) }
