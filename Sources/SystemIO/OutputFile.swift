import Glibc

/// A file that is written completely or not at all.
///
/// It is written under a temporary name in the same folder and renamed when it is complete, so that neither a run that ends early nor a full
/// disk leaves a partial file under the final name. A symbolic link with that name is replaced, not followed: in a folder that others can write
/// to, it may be theirs.
///
/// Pipes, devices and open files (`/dev/stdout`) are written directly, also by a link of this user or of root.
package final class OutputFile {
  /// Why the file cannot be written.
  package enum Failure: Error, Sendable, Equatable {
    case isFolder
    /// Opening a named pipe that no program reads would wait for one without end.
    case hasNoReader
    case system(SystemError)
    /// The wait for a reader of a pipe was stopped.
    case stopped

    /// The reason as the end of a sentence about the path: `is a folder`.
    package var reason: String {
      switch self {
      case .isFolder: "is a folder"
      case .hasNoReader: "is a pipe that no program reads"
      case .system(let error): "cannot be written: \(error)"
      case .stopped: "was not written completely"
      }
    }
  }

  private static let bufferSize = 64 * 1024

  /// The final path.
  package let path: String
  private let temporary: String?
  private let descriptor: Int32
  private let isStopped: () -> Bool
  private var buffer: [UInt8] = []
  private var isFinished = false

  /// Opens the file for writing; nothing stands under its name yet.
  ///
  /// - Parameter isStopped: called ten times per second while a pipe is full: true ends the wait.
  package init(_ path: String, isStopped: @escaping () -> Bool = { false }) throws(Failure) {
    var status = stat()
    var exists = lstat(path, &status) == 0
    let isFollowed = exists && status.st_mode & S_IFMT == S_IFLNK && [0, geteuid()].contains(status.st_uid)
    let isOpenFile = isFollowed && Self.isOpenFile(path)
    if isFollowed { exists = stat(path, &status) == 0 }
    let kind = status.st_mode & S_IFMT
    if exists, kind == S_IFDIR { throw .isFolder }
    let isReplaced = !exists || (!isOpenFile && (kind == S_IFREG || kind == S_IFLNK))
    let temporary = isReplaced ? path + ".\(getpid()).partial" : nil
    // O_EXCL, O_NOFOLLOW: a link that is put in the place of what was just looked at gains nothing.
    // O_NONBLOCK: opening a pipe that no program reads fails with ENXIO instead of waiting, which a signal would not end.
    let flags = isReplaced ? O_CREAT | O_EXCL : (isFollowed ? O_APPEND : O_NOFOLLOW) | O_NONBLOCK | O_NOCTTY
    let descriptor = open(temporary ?? path, O_WRONLY | O_CLOEXEC | flags, 0o666)
    guard descriptor >= 0 else { throw errno == ENXIO ? .hasNoReader : .system(SystemError(code: errno)) }
    (self.path, self.temporary, self.descriptor, self.isStopped) = (path, temporary, descriptor, isStopped)
  }

  deinit {
    if !isFinished {
      close(descriptor)
      if let temporary { unlink(temporary) }
    }
  }

  /// Whether a link is one of a process's open files: /dev/stdout, /dev/fd/1, /proc/self/fd/1. The file may be appended to, never replaced.
  private static func isOpenFile(_ path: String) -> Bool {
    if path.hasPrefix("/proc/") || path.hasPrefix("/dev/fd/") { return true }
    var target = [CChar](repeating: 0, count: 7)
    return readlink(path, &target, 6) > 0 && String(decoding: target.prefix(6).map { UInt8(bitPattern: $0) }, as: UTF8.self) == "/proc/"
  }

  /// Writes bytes, through a buffer.
  package func write(_ bytes: some Collection<UInt8>) throws(Failure) {
    buffer.append(contentsOf: bytes)
    if buffer.count >= Self.bufferSize { try flush() }
  }

  /// Writes the rest of the buffer, flushes the file to disk, and renames it. Do not write after this. Idempotent.
  package func finish() throws(Failure) {
    guard !isFinished else { return }
    try flush()
    if let temporary {
      guard fsync(descriptor) == 0, rename(temporary, path) == 0 else { throw .system(SystemError(code: errno)) }
    }
    close(descriptor)
    isFinished = true
  }

  private func flush() throws(Failure) {
    defer { buffer.removeAll(keepingCapacity: true) }
    var written = 0
    while written < buffer.count {
      let count = buffer.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress?.advanced(by: written), $0.count - written) }
      if count >= 0 {
        written += count
      } else if errno == EAGAIN {
        if isStopped() { throw .stopped }
        var room = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        _ = poll(&room, 1, 100)
      } else if errno != EINTR {
        throw .system(SystemError(code: errno))
      }
    }
  }
}
