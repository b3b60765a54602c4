import Foundation

/// A temporary folder for one test.
package struct TemporaryFolder {
  /// The folder's path.
  package let path: String

  /// Writes a file into it.
  ///
  /// - Returns: Its path.
  @discardableResult
  package func write(_ name: String, _ contents: String) throws -> String {
    let file = path + "/" + name
    guard let stream = fopen(file, "w") else { throw TestSupportError("\(file): cannot be written") }
    defer { fclose(stream) }
    var contents = contents
    contents.withUTF8 { _ = fwrite($0.baseAddress, 1, $0.count, stream) }
    return file
  }

  /// Writes an executable file.
  ///
  /// The executable itself is written by another process: a program that this process starts at the same time would inherit the open file,
  /// and until it closes it the system refuses to execute the file (ETXTBSY).
  /// - Throws: if it cannot be written.
  package func writeExecutable(_ name: String, _ contents: String) throws {
    let text = try write(name + ".text", contents)
    let copy = try run("/bin/sh", ["-c", "cat \"$0\" > \"$1\" && chmod 755 \"$1\" && rm \"$0\"", text, path + "/" + name])
    guard copy.status == 0 else { throw TestSupportError(copy.errors) }
  }

  /// The text of a file; nil if it does not exist.
  package func read(_ name: String) -> String? { readFile(path + "/" + name) }
}

/// The text of a file; nil if it does not exist.
package func readFile(_ path: String) -> String? {
  guard let stream = fopen(path, "r") else { return nil }
  defer { fclose(stream) }
  var bytes: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 65536)
  while case let count = fread(&chunk, 1, chunk.count, stream), count > 0 { bytes += chunk[..<count] }
  return String(decoding: bytes, as: UTF8.self)
}

/// Runs a test with a new folder, and removes the folder afterwards.
package func withTemporaryFolder<T>(_ body: (TemporaryFolder) throws -> T) throws -> T {
  let template = strdup("/tmp/netflix-test.XXXXXX")
  defer { free(template) }
  guard let template, mkdtemp(template) != nil else { throw TestSupportError("no temporary folder") }
  let folder = TemporaryFolder(path: String(cString: template))
  defer { try? FileManager.default.removeItem(atPath: folder.path) }
  return try body(folder)
}
