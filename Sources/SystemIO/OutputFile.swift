import Glibc

/// A file that is written completely or not at all.
///
/// It is written under a temporary name in the same folder and renamed when it is complete, so that neither a run that ends early nor a full
/// disk leaves a partial file under the final name. A file that it replaces passes on its mode and, where possible, its owner. A symbolic link
/// with that name is replaced, not followed: in a folder that others can write to, it may be theirs.
///
/// Pipes, devices and open files (`/dev/stdout`) are written directly, also by a link of this user or of root.
package final class OutputFile {
  /// Why the file cannot be written.
  package enum Failure: Error, Sendable, Equatable {
    case isFolder
    /// Opening a named pipe that no program reads would wait for one without end.
    case hasNoReader
    /// A folder above the file cannot be made.
    case noFolder(String, SystemError)
    case system(SystemError)
    /// The wait for a reader of a pipe was stopped.
    case stopped

    /// The reason as the end of a sentence about the path: `is a folder`.
    package var reason: String {
      switch self {
      case .isFolder: "is a folder"
      case .hasNoReader: "is a pipe that no program reads"
      case .noFolder(let folder, SystemError(code: ENOTDIR)): "\(folder) is not a folder"
      case .noFolder(let folder, SystemError(code: EEXIST)): "\(folder) is a link to nothing"
      case .noFolder(let folder, let error): "the folder \(folder) cannot be made: \(error)"
      case .system(let error): "cannot be written: \(error)"
      case .stopped: "was not written completely"
      }
    }

    /// What to do, as a sentence.
    package var hint: String {
      switch self {
      case .isFolder: "Name a file in it."
      case .hasNoReader: "Start the program that reads it first, or name a file."
      case .noFolder(_, SystemError(code: ENOTDIR)), .noFolder(_, SystemError(code: EEXIST)): "Name a folder, or remove what is there."
      case .system(SystemError(code: ENOENT)): "Make its folder first, or name another."
      case .system(SystemError(code: ENOTDIR)): "A part of the path is a file: name a folder there."
      case .system(SystemError(code: ENOSPC)), .system(SystemError(code: EDQUOT)): "Free space there, or name a file on another disk."
      case .system(SystemError(code: ENAMETOOLONG)): "Shorten it: a name has at most 255 bytes, a path 4,095."
      case .system(SystemError(code: EFBIG)): "Raise the limit on the size of files: ulimit -f."
      case .noFolder, .system, .stopped: "Choose a folder that can be written."
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
  /// - Parameters:
  ///   - makesFolders: whether the folders above it are made if they are missing.
  ///   - isStopped: called ten times per second while a pipe is full: true ends the wait.
  package init(_ path: String, makesFolders: Bool = false, isStopped: @escaping () -> Bool = { false }) throws(Failure) {
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
    if makesFolders, !folder.isEmpty { try Self.makeFolder(folder.count > 1 ? String(folder.dropLast()) : folder) }
    var status = stat()
    var exists = lstat(path, &status) == 0
    // Now, not when the file is complete: a name that is too long, a folder that may not be searched.
    guard exists || errno == ENOENT else { throw .system(SystemError(code: errno)) }
    let isFollowed = exists && status.st_mode & S_IFMT == S_IFLNK && [0, geteuid()].contains(status.st_uid)
    let isOpenFile = isFollowed && Self.isOpenFile(path)
    if isFollowed { exists = stat(path, &status) == 0 }
    let kind = status.st_mode & S_IFMT
    if exists, kind == S_IFDIR { throw .isFolder }
    let isReplaced = !exists || (!isOpenFile && (kind == S_IFREG || kind == S_IFLNK))
    let keepsMode = isReplaced && exists && kind == S_IFREG
    // A short name: the final one may have as many bytes as a name can have.
    let temporary = isReplaced ? "\(folder)\(getpid())-\(UInt32.random(in: 0 ... .max)).partial" : nil
    // O_EXCL, O_NOFOLLOW: a link that is put in the place of what was just looked at gains nothing.
    // O_NONBLOCK: opening a pipe that no program reads fails with ENXIO instead of waiting, which a signal would not end.
    let flags = isReplaced ? O_CREAT | O_EXCL : (isFollowed ? O_APPEND : O_NOFOLLOW) | O_NONBLOCK | O_NOCTTY
    let descriptor = open(temporary ?? path, O_WRONLY | O_CLOEXEC | flags, keepsMode ? 0o600 : 0o666)
    guard descriptor >= 0 else { throw errno == ENXIO ? .hasNoReader : .system(SystemError(code: errno)) }
    if keepsMode { Self.copyMode(of: status, to: descriptor) }
    (self.path, self.temporary, self.descriptor, self.isStopped) = (path, temporary, descriptor, isStopped)
  }

  deinit {
    if !isFinished {
      close(descriptor)
      if let temporary { unlink(temporary) }
    }
  }

  /// Makes a folder and those above it.
  private static func makeFolder(_ path: String) throws(Failure) {
    var status = stat()
    if stat(path, &status) == 0 {
      guard status.st_mode & S_IFMT == S_IFDIR else { throw .noFolder(path, SystemError(code: ENOTDIR)) }
      return
    }
    if let slash = path.lastIndex(of: "/"), slash > path.startIndex { try makeFolder(String(path[..<slash])) }
    guard mkdir(path, 0o777) != 0 else { return }
    let code = errno
    // Another program may have made it.
    guard code == EEXIST, stat(path, &status) == 0 else { throw .noFolder(path, SystemError(code: code)) }
  }

  /// The mode and, where this user may give a file away, the owner and group of the replaced file. A group that cannot be given gets no rights.
  private static func copyMode(of replaced: stat, to descriptor: Int32) {
    let isGiven = fchown(descriptor, replaced.st_uid, replaced.st_gid) == 0 || fchown(descriptor, uid_t.max, replaced.st_gid) == 0
    fchmod(descriptor, replaced.st_mode & (isGiven ? 0o777 : 0o707))
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
