/// A local service could not be started.
public struct DevServicesError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What failed, in one line.
  public let message: String
  /// How to fix it, or the end of the service's log.
  public let advice: String?

  /// An error with a message and a hint.
  public init(_ message: String, advice: String? = nil) {
    self.message = message
    self.advice = advice
  }

  /// The message and the hint.
  public var description: String { advice.map { "\(message): \($0)" } ?? message }
}
