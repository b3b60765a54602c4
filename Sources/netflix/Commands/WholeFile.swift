import Console
import Glibc

/// A file that is there whole or not at all: written beside its place and moved there at the end.
enum WholeFile {
  static func write(_ path: String, _ body: (_ write: @escaping (String) throws -> Void) throws -> Void) throws {
    let draft = "\(path).\(getpid()).part"
    guard let stream = fopen(draft, "wx") else { throw cannot(path) }
    defer { unlink(draft) }
    do {
      defer { fclose(stream) }
      try body { text in
        var text = text
        let written = text.withUTF8 { fwrite($0.baseAddress, 1, $0.count, stream) == $0.count }
        if !written { throw cannot(path) }
      }
      if fflush(stream) != 0 { throw cannot(path) }
    }
    if rename(draft, path) != 0 { throw cannot(path) }
  }

  private static func cannot(_ path: String) -> Failure {
    Failure(.cannotCreate, "\(path): cannot be written: \(systemMessage(errno))", advice: "Choose a folder that can be written.")
  }
}
