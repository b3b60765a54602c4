/// What SQLite said, and what kind of thing it is.
public struct SQLiteError: Error, Sendable, Equatable {
  public enum Kind: Sendable, Equatable {
    /// Another connection holds the lock, longer than the busy time-out.
    case busy
    /// No such file or folder, or no right to it; also a full disk and a file that can only be read.
    case cannotWrite
    case cannotOpen
    /// Not a SQLite file, or a damaged one.
    case notADatabase
    /// A key, a foreign key, NOT NULL or a type of a STRICT table.
    case constraint
    case interrupted
    case other
  }

  public let kind: Kind
  /// SQLite's extended result code.
  public let code: Int32
  public let message: String
  public let file: String

  public init(code: Int32, message: String, file: String) {
    self.code = code
    self.message = message
    self.file = file
    // The primary code is the low byte of the extended one; the numbers are SQLite's file format of results and never change.
    switch code & 0xff {
    case 5, 6: kind = .busy
    case 8, 10, 13: kind = .cannotWrite
    case 9: kind = .interrupted
    case 11, 26: kind = .notADatabase
    case 14: kind = .cannotOpen
    case 19, 20: kind = .constraint
    default: kind = .other
    }
  }
}

extension SQLiteError: CustomStringConvertible {
  public var description: String { "\(file): \(message) (SQLite \(code))" }
}
