import Console
import DevServices
import FoundationEssentials
import Glibc
import SystemIO

/// The input files of the runs, in a temporary folder.
final class BenchFiles {
  let folder: String
  /// The unchanged description, with its key.
  let keyed: String
  /// The description without the key: rows are appended.
  let keyless: String
  private let tools: Tools

  init(tools: Tools, dataset: String) throws {
    self.tools = tools
    let template = strdup("\(Environment.value("TMPDIR") ?? "/tmp")/netflix-bench.XXXXXX")
    defer { free(template) }
    guard let template, mkdtemp(template) != nil else { throw CommandError(.cannotCreate, "no temporary folder: \(systemMessage(errno))") }
    folder = String(cString: template)
    // The Postgres server never reads it, but psql may run as another user.
    chmod(folder, 0o755)
    keyed = folder + "/keyed.json"
    keyless = folder + "/keyless.json"
    let text = String(decoding: try InputFile.contents(dataset, what: "description"), as: UTF8.self)
    try write(keyed, text)
    var keyless = JSONText(text)
    // The rules and the star refer to the key.
    for member in ["primaryKey", "rules", "star"] { keyless.remove(member: member) }
    try write(self.keyless, keyless.text)
  }

  /// Removes a file of a run, if it exists.
  func remove(_ path: String) throws {
    guard unlink(path) == 0 || errno == ENOENT else { throw CommandError(.cannotCreate, "\(path): \(systemMessage(errno))") }
  }

  func close() { try? FileManager.default.removeItem(atPath: folder) }

  func write(_ path: String, _ text: String) throws {
    guard let file = fopen(path, "w") else { throw CommandError(.cannotCreate, "\(path): \(systemMessage(errno))") }
    defer { fclose(file) }
    guard fputs(text, file) >= 0, fflush(file) == 0 else { throw CommandError(.cannotCreate, "\(path): \(systemMessage(errno))") }
  }

  /// A CSV of generated rows.
  func csv(rows: Int) throws -> String {
    let path = "\(folder)/\(rows).csv"
    if access(path, R_OK) == 0 { return path }
    guard let file = fopen(path, "w") else { throw CommandError(.cannotCreate, "\(path): \(systemMessage(errno))") }
    defer { fclose(file) }
    var bytes = Array(SyntheticRows.header.utf8)
    var generated = SyntheticRows(count: rows)
    var more = true
    while more {
      more = generated.next(appendingTo: &bytes)
      if bytes.count > 1 << 20 || !more {
        guard fwrite(bytes, 1, bytes.count, file) == bytes.count else {
          throw CommandError(.cannotCreate, "\(path): \(systemMessage(errno))")
        }
        bytes.removeAll(keepingCapacity: true)
      }
    }
    guard fflush(file) == 0 else { throw CommandError(.cannotCreate, "\(path): \(systemMessage(errno))") }
    return path
  }

  /// The messages of a CSV, prepared for kcat: one line with key, tab and value per message.
  func messages(of csv: String) throws -> String {
    let path = csv + ".messages"
    if access(path, R_OK) == 0 { return path }
    // The shell writes the file, because the output is too large for memory.
    try tools.run("/bin/sh", ["-c", "exec \"$0\" --dry-run --dataset \"$1\" \"$2\" > \"$3\"", tools.producer, keyed, csv, path])
    return path
  }
}
