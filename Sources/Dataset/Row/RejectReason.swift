/// Why a record is rejected, with a human-readable text.
package struct RejectReason: Error, Sendable, Equatable, CustomStringConvertible {
  /// The categories of reasons.
  package enum Kind: Sendable {
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
  package let kind: Kind
  /// The human-readable reason.
  package let text: String

  /// Creates a reason.
  package init(_ kind: Kind, _ text: String) {
    self.kind = kind
    self.text = text
  }

  /// The human-readable reason.
  package var description: String { text }
}

/// A rejected record of a CSV.
package struct RejectedRow: Sendable, Equatable {
  /// 1-based line of the file that contains the fault.
  package let line: Int
  /// 1-based character (Unicode scalar) in that line where the invalid cell begins.
  package let column: Int
  /// Why the record was rejected.
  package let reason: RejectReason
  /// The record's bytes as read, without its line end.
  package let original: [UInt8]

  /// Creates a rejected record; the parameters are the properties above.
  package init(line: Int, column: Int, reason: RejectReason, original: [UInt8]) {
    self.line = line
    self.column = column
    self.reason = reason
    self.original = original
  }
}
