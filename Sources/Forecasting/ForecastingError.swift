/// Why a series cannot be modelled or forecast, in words for the person who gave it.
public struct ForecastingError: Error, Sendable, Equatable, CustomStringConvertible {
  public enum Kind: String, Sendable {
    /// Too few values for the model asked for.
    case tooShort
    /// Nothing varies once the model's differences (and mean) are taken: there is no noise to estimate.
    case constant
    /// A value is NaN or infinite.
    case notFinite
    /// A value is so large or so small that its square leaves the range of a Double.
    case outOfRange
    /// An order, period or horizon that is not supported.
    case unsupported
    /// No parameters with a finite likelihood were found.
    case noFit
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
