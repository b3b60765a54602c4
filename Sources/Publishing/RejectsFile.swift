import Dataset
import Glibc
import SystemIO

/// The file of rejected rows: for each row its original bytes, a tab, the location and the reason. It is complete or absent (`OutputFile`).
package final class RejectsFile {
  /// The final path.
  package let path: String
  private let file: OutputFile

  /// Opens the file for writing. Nothing has the final name before ``finish()``.
  ///
  /// - Parameter isStopped: called ten times per second while a pipe is full: true ends the wait.
  package init(_ path: String, isStopped: @escaping () -> Bool = { false }) throws(PublishingError) {
    self.path = path
    do { file = try OutputFile(path, isStopped: isStopped) } catch { throw Self.failure(error, path) }
  }

  /// True if `path` is the same file: rejected rows must not replace the CSV that they come from.
  package func isSameFile(as path: String) -> Bool {
    var mine = stat()
    var other = stat()
    return stat(self.path, &mine) == 0 && stat(path, &other) == 0 && mine.st_dev == other.st_dev && mine.st_ino == other.st_ino
  }

  /// Adds a rejected row. Throws `.rejects` if the file cannot be written.
  package func write(_ bad: RejectedRow) throws(PublishingError) {
    let row = bad.original + Array("\tline \(bad.line), column \(bad.column): \(bad.reason)\n".utf8)
    do { try file.write(row) } catch { throw Self.failure(error, path) }
  }

  /// Writes the remaining rows, flushes them to disk, and renames the file. Do not write after this. Calling it again does nothing. Throws `.rejects` if
  /// the file cannot be written.
  package func finish() throws(PublishingError) {
    do { try file.finish() } catch { throw Self.failure(error, path) }
  }

  private static func failure(_ error: OutputFile.Failure, _ path: String) -> PublishingError {
    error == .stopped ? .cancelled : .rejects(path: path, reason: error.reason, hint: error.hint)
  }
}
