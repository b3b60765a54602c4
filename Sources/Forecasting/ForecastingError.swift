/// Why a series cannot be modeled or forecast, with a human-readable message and hint.
package struct ForecastingError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The kinds of faults.
  package enum Kind: String, Sendable {
    /// Too few values for the requested model.
    case tooShort
    /// The series is constant after the model's differences (and mean) are removed: there is no noise to estimate.
    case constant
    /// A value is NaN or infinite.
    case notFinite
    /// A value is so large or so small that its square is out of the range of a Double.
    case outOfRange
    /// An order, period or horizon that is not supported.
    case unsupported
    /// No parameters with a finite likelihood were found.
    case noFit
  }

  /// The kind of the fault.
  package let kind: Kind
  /// The fault in one sentence.
  package let message: String
  /// How to fix the fault.
  package let hint: String

  /// Creates an error.
  package init(_ kind: Kind, _ message: String, hint: String) {
    self.kind = kind
    self.message = message
    self.hint = hint
  }

  /// Message and hint.
  package var description: String { "\(message); \(hint)" }
}
