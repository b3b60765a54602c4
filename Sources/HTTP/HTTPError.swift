/// Why a server could not be started.
public struct HTTPError: Error, Sendable, Equatable, CustomStringConvertible {
  public enum Kind: Sendable, Equatable {
    /// Another program listens there.
    case portTaken
    /// The system does not let this user listen there.
    case refused
    /// The host has no address on this machine.
    case noSuchAddress
    /// Anything else, as the system says it.
    case other
  }

  public let kind: Kind
  public let message: String
  /// What to do about it.
  public let advice: String

  public init(kind: Kind, message: String, advice: String) {
    self.kind = kind
    self.message = message
    self.advice = advice
  }

  public var description: String { message }
}
