/// Why a server could not be started.
public struct HTTPError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The cause, for the caller to choose an exit code.
  public enum Kind: Sendable, Equatable {
    /// Another program listens on this port.
    case portTaken
    /// The user may not listen on this port.
    case refused
    /// The host is not an address of this machine.
    case noSuchAddress
    /// Any other error; the message has the system's text.
    case other
  }

  /// The cause.
  public let kind: Kind
  /// What failed, in one line.
  public let message: String
  /// How to fix it, as a sentence.
  public let advice: String

  /// An error with its cause, a one-line message and a hint.
  public init(kind: Kind, message: String, advice: String) {
    self.kind = kind
    self.message = message
    self.advice = advice
  }

  /// The message.
  public var description: String { message }
}
