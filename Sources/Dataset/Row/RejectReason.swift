/// Why something cannot be a row, in words for the person who has to mend it.
public struct RejectReason: Error, Sendable, Equatable, CustomStringConvertible {
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
    /// An object without any described field, or with those of the key alone.
    case noField
    case constraint
    /// A CSV's row has too few cells, too many, or is not CSV.
    case shape
  }

  public let kind: Kind
  public let text: String

  public init(_ kind: Kind, _ text: String) {
    self.kind = kind
    self.text = text
  }

  public var description: String { text }
}
