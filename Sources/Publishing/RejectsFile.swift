import Dataset
import Glibc

/// The file that bad rows are set aside in: each as it came, a tab, its place and the reason.
///
/// It is written under another name in the same folder and takes its own when it is whole, so that neither a run that ends early nor a
/// full disk leaves half a file under a good name. What is no plain file, such as `/dev/stderr` or a pipe, is written as it is.
public final class RejectsFile {
  private static let bufferSize = 64 * 1024

  public let path: String
  private let target: String
  private let temporary: String?
  private let descriptor: Int32
  private var buffer: [UInt8] = []
  private var isFinished = false

  /// Opens the file for writing; nothing stands under its name yet.
  public init(_ path: String) throws(PublishingError) {
    var status = stat()
    let exists = stat(path, &status) == 0
    if exists, status.st_mode & S_IFMT == S_IFDIR { throw .rejects(path: path, reason: "is a folder") }
    // A link is followed, so that the file it names is replaced and not the link.
    let target = exists ? Self.resolved(path) : path
    let isPlain = !exists || status.st_mode & S_IFMT == S_IFREG
    let temporary = isPlain ? target + ".\(getpid()).partial" : nil
    let descriptor = open(temporary ?? path, O_WRONLY | O_CLOEXEC | (isPlain ? O_CREAT | O_EXCL : 0), 0o644)
    guard descriptor >= 0 else { throw .rejects(path: path, reason: "cannot be written: \(Self.message(errno))") }
    (self.path, self.target, self.temporary, self.descriptor) = (path, target, temporary, descriptor)
  }

  deinit {
    if !isFinished {
      close(descriptor)
      if let temporary { unlink(temporary) }
    }
  }

  /// Whether this is the file of that descriptor: bad rows must not replace the CSV they come from.
  public func isSameFile(as path: String) -> Bool {
    var mine = stat()
    var other = stat()
    return stat(target, &mine) == 0 && stat(path, &other) == 0 && mine.st_dev == other.st_dev && mine.st_ino == other.st_ino
  }

  public func write(_ bad: BadRow) throws(PublishingError) {
    buffer += bad.original
    buffer += Array("\tline \(bad.line), column \(bad.column): \(bad.reason)\n".utf8)
    if buffer.count >= Self.bufferSize { try flush() }
  }

  /// Writes what is left, waits until it is on the disk, and gives the file its name. Nothing may be written after it.
  public func finish() throws(PublishingError) {
    guard !isFinished else { return }
    try flush()
    if let temporary {
      guard fsync(descriptor) == 0 else { throw failure() }
      guard rename(temporary, target) == 0 else { throw failure() }
    }
    close(descriptor)
    isFinished = true
  }

  private func flush() throws(PublishingError) {
    defer { buffer.removeAll(keepingCapacity: true) }
    var written = 0
    while written < buffer.count {
      let count = buffer.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress?.advanced(by: written), $0.count - written) }
      if count >= 0 { written += count } else if errno != EINTR { throw failure() }
    }
  }

  private func failure() -> PublishingError { .rejects(path: path, reason: "cannot be written: \(Self.message(errno))") }

  private static func message(_ code: Int32) -> String { String(cString: strerror(code)) }

  private static func resolved(_ path: String) -> String {
    guard let real = realpath(path, nil) else { return path }
    defer { free(real) }
    return String(cString: real)
  }
}
