import Console
import SQLite

extension SQLiteError: FailureRepresentable {
  public var failure: Failure {
    switch kind {
    case .busy:
      Failure(.unavailable, "\(self)", advice: "Another program holds the file's lock. Running it again can help.")
    case .cannotWrite:
      Failure(.cannotCreate, "\(self)", advice: "Choose a file in a folder that can be written, on a disk with room.")
    case .cannotOpen:
      Failure(.noInput, "\(self)", advice: "Make it: netflix etl --sqlite \(file).")
    case .notADatabase:
      Failure(
        .badData, "\(self)",
        advice: "It is no SQLite file, or a damaged one. Move it away and create it again: netflix etl --sqlite \(file).")
    case .constraint, .interrupted, .other:
      Failure(.software, "\(self)")
    }
  }
}
