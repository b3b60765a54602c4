/// An error of SQLite with its kind.
public struct SQLiteError: Error, Sendable, Equatable {
  /// Kinds that callers handle differently.
  public enum Kind: Sendable, Equatable {
    /// Another connection held the lock longer than the busy timeout.
    case busy
    /// No such file or directory, no permission, a full disk, or a read-only file.
    case cannotWrite
    case cannotOpen
    /// Not a SQLite file, or a damaged one.
    case notADatabase
    /// A violated key, foreign key or NOT NULL constraint, or a wrong type in a STRICT table.
    case constraint
    case interrupted
    case other
  }

  /// The kind of the error, derived from `code`.
  public let kind: Kind
  /// SQLite's extended result code.
  public let code: Int32
  /// SQLite's message.
  public let message: String
  /// The database file.
  public let file: String

  /// Creates an error from SQLite's extended result code and message.
  public init(code: Int32, message: String, file: String) {
    self.code = code
    self.message = message
    self.file = file
    // The primary code is the low byte of the extended code; the numbers are part of SQLite's interface and never change.
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
  /// `file: message (SQLite code)`.
  public var description: String { "\(file): \(message) (SQLite \(code))" }
}
