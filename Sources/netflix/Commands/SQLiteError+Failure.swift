import Console
import SQLite

extension SQLiteError: CommandErrorConvertible {
  /// The exit code of the error's kind, with a hint.
  public var failure: CommandError {
    switch kind {
    case .busy:
      CommandError(.unavailable, "\(self)", advice: "Another program holds the file's lock. Running it again can help.")
    case .cannotWrite:
      CommandError(.cannotCreate, "\(self)", advice: "Choose a file in a folder that can be written, on a disk with room.")
    case .cannotOpen:
      CommandError(.noInput, "\(self)", advice: "Make it: netflix etl --sqlite \(file).")
    case .notADatabase:
      CommandError(
        .badData, "\(self)",
        advice: "It is no SQLite file, or a damaged one. Move it away and create it again: netflix etl --sqlite \(file).")
    case .constraint, .interrupted, .other:
      CommandError(.software, "\(self)")
    }
  }
}
