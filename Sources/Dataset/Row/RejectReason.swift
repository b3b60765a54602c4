/// Why a record is rejected, with a human-readable text.
public struct RejectReason: Error, Sendable, Equatable, CustomStringConvertible {
  /// The categories of reasons.
  public enum Kind: Sendable {
    case notJSON
    case notAnObject
    /// A field of the key is absent or null.
    case key
    /// A required field is absent or null.
    case required
    case wrongType
    case outOfRange
    case nested
    case zeroCharacter
    case invalidUTF8
    /// An object without described fields, or only with those of the key.
    case noField
    case constraint
    /// A CSV record has too few or too many cells, or is not valid CSV.
    case shape
  }

  /// The category of the reason.
  public let kind: Kind
  /// The human-readable reason.
  public let text: String

  /// Creates a reason.
  public init(_ kind: Kind, _ text: String) {
    self.kind = kind
    self.text = text
  }

  /// The human-readable reason.
  public var description: String { text }
}

/// A rejected record of a CSV.
public struct RejectedRow: Sendable, Equatable {
  /// 1-based line of the file that contains the fault.
  public let line: Int
  /// 1-based character (Unicode scalar) in that line where the invalid cell begins.
  public let column: Int
  /// Why the record was rejected.
  public let reason: RejectReason
  /// The record's bytes as read, without its line end.
  public let original: [UInt8]

  /// Creates a rejected record; the parameters are the properties above.
  public init(line: Int, column: Int, reason: RejectReason, original: [UInt8]) {
    self.line = line
    self.column = column
    self.reason = reason
    self.original = original
  }
}
