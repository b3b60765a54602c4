import Glibc

/// Buffered standard output that distinguishes a closed reader from other write errors.
///
/// It has one owner. Call ``flush()`` before the program ends, and after each line that another program waits for.
public struct StandardOutput: ~Copyable {
  private var buffer: [UInt8] = []
  private let limit: Int

  /// An empty buffer; `bufferSize` is in bytes.
  public init(bufferSize: Int = 64 * 1024) {
    limit = bufferSize
    buffer.reserveCapacity(bufferSize)
  }

  /// Writes a text, unchanged.
  ///
  /// - Throws: ``BrokenPipe`` if the reader has closed the pipe, or a ``CommandError`` (73) if the output cannot be written.
  public mutating func write(_ text: String) throws {
    buffer.append(contentsOf: text.utf8)
    if buffer.count >= limit { try flush() }
  }

  /// Writes bytes; throws as ``write(_:)-(String)``.
  public mutating func write(_ bytes: UnsafeRawBufferPointer) throws {
    buffer.append(contentsOf: bytes)
    if buffer.count >= limit { try flush() }
  }

  /// Writes bytes; throws as ``write(_:)-(String)``.
  public mutating func write(_ bytes: some Collection<UInt8>) throws {
    buffer.append(contentsOf: bytes)
    if buffer.count >= limit { try flush() }
  }

  /// Writes untrusted UTF-8 text as ``Swift/String/printable`` text.
  public mutating func write(printable bytes: some Collection<UInt8>) throws {
    try write(String(decoding: bytes, as: UTF8.self).printable)
  }

  /// Writes the buffer; throws as ``write(_:)-(String)``.
  public mutating func flush() throws {
    defer { buffer.removeAll(keepingCapacity: true) }
    try buffer.withUnsafeBytes { try Self.write($0) }
  }

  /// Writes human-readable lines at once, each as ``Swift/String/printable`` text.
  public static func print(lines: [String]) throws {
    try print(lines.map(\.printable).joined(separator: "\n"))
  }

  /// Writes a machine-readable text at once, unchanged.
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

/// The system's message for an errno.
public func systemMessage(_ code: Int32) -> String { String(cString: strerror(code)) }
