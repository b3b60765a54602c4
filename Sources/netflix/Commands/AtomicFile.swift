import Console
import Dataset
import Glibc
import Warehouse

/// Atomic file writes: a temporary file in the same folder is renamed at the end. A device or pipe (/dev/stdout) is written directly.
enum AtomicFile {
  static func write(_ path: String, _ body: (_ write: @escaping (String) throws -> Void) throws -> Void) throws {
    try rejectForeignSymlink(path)
    let isSpecial = isSpecial(path)
    let temporaryPath = isSpecial ? path : "\(path).\(getpid()).part"
    guard let stream = isSpecial ? try openSpecial(path) : fopen(temporaryPath, "wx") else { throw writeError(path) }
    defer { if !isSpecial { unlink(temporaryPath) } }
    do {
      defer { fclose(stream) }
      try body { text in
        var text = text
        let written = text.withUTF8 { fwrite($0.baseAddress, 1, $0.count, stream) == $0.count }
        if !written { throw writeError(path) }
      }
      if fflush(stream) != 0 { throw writeError(path) }
    }
    if !isSpecial, rename(temporaryPath, path) != 0 { throw writeError(path) }
  }

  /// Nil where it cannot be opened, with the reason in errno. To open a named pipe that no program reads would wait for one without end.
  private static func openSpecial(_ path: String) throws(CommandError) -> UnsafeMutablePointer<FILE>? {
    let descriptor = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
    if descriptor < 0, errno == ENXIO {
      throw CommandError(
        .cannotCreate, "\(path): is a pipe that no program reads", hint: "Start the program that reads it first, or name a file.")
    }
    guard descriptor >= 0 else { return nil }
    _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) & ~O_NONBLOCK)
    return fdopen(descriptor, "w")
  }

  /// A device, a pipe, or a link to an open file (/dev/stdout): never to be replaced by a file.
  private static func isSpecial(_ path: String) -> Bool {
    var target = [CChar](repeating: 0, count: 7)
    if readlink(path, &target, 6) > 0, String(decoding: target.prefix(6).map { UInt8(bitPattern: $0) }, as: UTF8.self) == "/proc/" {
      return true
    }
    var status = stat()
    return stat(path, &status) == 0 && ![S_IFREG, S_IFDIR].contains(status.st_mode & S_IFMT)
  }

  /// Rejects a symbolic link at the output path that belongs to another user: it may point to a file of the current user.
  ///
  /// - Throws: ``CommandError`` 73.
  static func rejectForeignSymlink(_ path: String) throws(CommandError) {
    var status = stat()
    guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFLNK, status.st_uid != geteuid(), status.st_uid != 0 else { return }
    throw CommandError(.cannotCreate, "\(path): is a symbolic link of another user", hint: "Remove it, or name another file.")
  }

  private static func writeError(_ path: String) -> CommandError {
    CommandError(.cannotCreate, "\(path): cannot be written: \(systemMessage(errno))", hint: "Choose a folder that can be written.")
  }
}

/// A CSV that is being read, with its progress. A class, because the reader stores closures that use it.
final class CSVFile {
  private let file: InputFile
  private var bar: ProgressBar
  private let size: Int?
  private let log: Log
  /// Rejected records, if they do not end the reading.
  private(set) var rejectedRows: [RejectedRow] = []

  /// Throws ``CommandError`` 66 if the file cannot be read.
  init(_ path: String, log: Log) throws {
    file = try InputFile(path, what: "CSV")
    size = file.size
    self.log = log
    bar = ProgressBar("rows", log: log)
  }

  var name: String { file.name }

  /// - Parameter collectRejects: continue after a rejected record and collect it; else it ends the reading.
  func rows(_ resource: Resource, collectRejects: Bool) -> CSVRows {
    CSVRows(
      resource: resource, file: file.name, read: { try self.read(into: &$0) },
      onReject: collectRejects ? { self.rejectedRows.append($0) } : nil,
      onBlank: { [name, log] in log.info(RowReader.blankNote($0, source: name)) },
      progress: { self.update(rows: $0, bytes: $1) })
  }

  private func read(into buffer: inout [UInt8]) throws -> Int { try file.read(into: &buffer) }

  private func update(rows: Int, bytes: Int) {
    bar.update(done: rows, fraction: size.flatMap { $0 > 0 ? Double(bytes) / Double($0) : nil })
  }
}
