/// Why a picture could not be drawn.
public struct ChartError: Error, Sendable, Equatable, CustomStringConvertible {
  public enum Kind: String, Sendable {
    /// gnuplot is not on the PATH.
    case missing
    /// The picture's file cannot be written.
    case cannotWrite
    /// A chart without a point, or a file name that is neither .png nor .svg.
    case invalid
    /// gnuplot ran and drew nothing: its own words are in the message.
    case failed
  }

  public let kind: Kind
  public let message: String
  /// What to do about it.
  public let advice: String

  public init(_ kind: Kind, _ message: String, advice: String) {
    self.kind = kind
    self.message = message
    self.advice = advice
  }

  public var description: String { "\(message); \(advice)" }
}
