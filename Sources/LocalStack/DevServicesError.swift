/// A local part could not be started: what failed and what to do about it.
public struct DevServicesError: Error, Sendable, Equatable, CustomStringConvertible {
  public let message: String
  public let advice: String?

  public init(_ message: String, advice: String? = nil) {
    self.message = message
    self.advice = advice
  }

  public var description: String { advice.map { "\(message): \($0)" } ?? message }
}
