import Dataset
import Glibc

/// The file of rejected rows: for each row its original bytes, a tab, the location and the reason.
///
/// It is written under a temporary name in the same directory and renamed when it is complete, so that neither a run that ends early nor a full disk
/// leaves a partial file under the final name. A symbolic link with that name is replaced, not followed: in a directory that others can write to, it may
/// be theirs. Pipes, devices and paths under `/dev` and `/proc`, such as `/dev/stderr`, are written directly.
public final class RejectsFile {
  private static let bufferSize = 64 * 1024

  /// The final path.
  public let path: String
  private let temporaryPath: String?
  private let descriptor: Int32
  private let isStopped: () -> Bool
  private var buffer: [UInt8] = []
  private var isFinished = false

  /// Opens the file for writing. Nothing has the final name before ``finish()``.
  ///
  /// - Parameter isStopped: called ten times per second while a pipe accepts no data: true ends the wait.
  public init(_ path: String, isStopped: @escaping () -> Bool = { false }) throws(PublishingError) {
    // These may be links, and standard error may be a file, to which rows are appended.
    let isSystems = path.hasPrefix("/dev/") || path.hasPrefix("/proc/")
    var status = stat()
    let exists = (isSystems ? stat(path, &status) : lstat(path, &status)) == 0
    let kind = status.st_mode & S_IFMT
    if exists, kind == S_IFDIR { throw .rejects(path: path, reason: "is a folder") }
    let isReplaced = !exists || (!isSystems && (kind == S_IFREG || kind == S_IFLNK))
    let temporaryPath = isReplaced ? path + ".\(getpid()).partial" : nil
    // O_EXCL and O_NOFOLLOW prevent a race with a new symbolic link. Without O_NONBLOCK, opening a pipe that no program reads would block,
    // and a signal would not end that; with it, the error is ENXIO.
    let flags = isReplaced ? O_CREAT | O_EXCL : (isSystems ? O_APPEND : O_NOFOLLOW) | O_NONBLOCK | O_NOCTTY
    let descriptor = open(temporaryPath ?? path, O_WRONLY | O_CLOEXEC | flags, 0o644)
    guard descriptor >= 0 else {
      throw .rejects(
        path: path, reason: errno == ENXIO ? "is a pipe that no program reads" : "cannot be written: \(Self.message(errno))")
    }
    (self.path, self.temporaryPath, self.descriptor, self.isStopped) = (path, temporaryPath, descriptor, isStopped)
  }

  deinit {
    if !isFinished {
      close(descriptor)
      if let temporaryPath { unlink(temporaryPath) }
    }
  }

  /// True if `path` is the same file: rejected rows must not replace the CSV that they come from.
  public func isSameFile(as path: String) -> Bool {
    var mine = stat()
    var other = stat()
    return stat(self.path, &mine) == 0 && stat(path, &other) == 0 && mine.st_dev == other.st_dev && mine.st_ino == other.st_ino
  }

  /// Adds a rejected row. Throws `.rejects` if the file cannot be written.
  public func write(_ row: RejectedRow) throws(PublishingError) {
    buffer += row.original
    buffer += Array("\tline \(row.line), column \(row.column): \(row.reason)\n".utf8)
    if buffer.count >= Self.bufferSize { try flush() }
  }

  /// Writes the remaining rows, flushes them to disk, and renames the file. Do not write after this. Calling it again does nothing. Throws `.rejects` if
  /// the file cannot be written.
  public func finish() throws(PublishingError) {
    guard !isFinished else { return }
    try flush()
    if let temporaryPath {
      guard fsync(descriptor) == 0 else { throw failure() }
      guard rename(temporaryPath, path) == 0 else { throw failure() }
    }
    close(descriptor)
    isFinished = true
  }

  private func flush() throws(PublishingError) {
    defer { buffer.removeAll(keepingCapacity: true) }
    var written = 0
    while written < buffer.count {
      let count = buffer.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress?.advanced(by: written), $0.count - written) }
      if count >= 0 {
        written += count
      } else if errno == EAGAIN {
        if isStopped() { throw .cancelled }
        var room = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        _ = poll(&room, 1, 100)
      } else if errno != EINTR {
        throw failure()
      }
    }
  }

  private func failure() -> PublishingError { .rejects(path: path, reason: "cannot be written: \(Self.message(errno))") }

  private static func message(_ code: Int32) -> String { String(cString: strerror(code)) }
}
