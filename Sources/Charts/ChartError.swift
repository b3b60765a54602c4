/// Why a chart could not be drawn.
public struct ChartError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The cause.
  public enum Kind: String, Sendable {
    /// gnuplot is not on the PATH.
    case missing
    /// The chart's file cannot be written.
    case cannotWrite
    /// A chart without values, or a file name that is neither .png nor .svg.
    case invalid
    /// gnuplot ran and drew nothing; the message contains its output.
    case failed
  }

  /// The cause.
  public let kind: Kind
  /// What failed, in one line.
  public let message: String
  /// How to fix it, without a capital and a period.
  public let advice: String

  /// An error with its cause, message and hint.
  public init(_ kind: Kind, _ message: String, advice: String) {
    self.kind = kind
    self.message = message
    self.advice = advice
  }

  /// The message and the hint.
  public var description: String { "\(message); \(advice)" }
}
