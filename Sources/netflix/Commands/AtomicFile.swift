import Console
import Glibc
import SystemIO

/// The output of the commands.
enum AtomicFile {
  /// Writes a file completely or not at all (`OutputFile`); nil and `-` are standard output.
  ///
  /// - Throws: ``CommandError`` 73 if it cannot be written, 130 or 143 after a signal; the errors of `body`.
  static func write(_ path: String?, _ body: (_ write: @escaping (String) throws -> Void) throws -> Void) throws {
    guard let path, path != "-" else {
      let output = Output()
      try body { try output.stream.write($0) }
      return try output.stream.flush()
    }
    try rejectForeignSymlink(path)
    // A signal ends the work, not the process, so that the temporary file is removed.
    Signals.install()
    do {
      let file = try OutputFile(path) { Signals.received != nil }
      try body {
        try Signals.check()
        try file.write($0.utf8)
      }
      try file.finish()
    } catch let failure as OutputFile.Failure {
      try Signals.check()
      throw CommandError(.cannotCreate, "\(path): \(failure.reason)", hint: failure.hint)
    }
  }

  /// Standard output in a class, because the writer stores a closure that uses it.
  private final class Output {
    var stream = StandardOutput()
  }

  /// Rejects a symbolic link at the output path that belongs to another user: it may point to a file of the current user.
  ///
  /// - Throws: ``CommandError`` 73.
  static func rejectForeignSymlink(_ path: String) throws(CommandError) {
    var status = stat()
    guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFLNK, status.st_uid != geteuid(), status.st_uid != 0 else { return }
    throw CommandError(.cannotCreate, "\(path): is a symbolic link of another user", hint: "Remove it, or name another file.")
  }
}
