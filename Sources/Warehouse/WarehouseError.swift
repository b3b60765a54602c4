/// An error of the warehouse with a hint. Errors of the two engines and of the dataset are passed through unchanged.
package struct WarehouseError: Error, Sendable, Equatable {
  /// What is at fault; it determines the exit status.
  package enum Kind: Sendable, Equatable {
    /// Invalid rows (exit 65).
    case data
    /// The warehouse or the table does not exist (exit 66).
    case missing
    /// The description is incomplete, or tables with these names were not created by netflix etl (exit 78).
    case layout
  }

  /// What is at fault.
  package let kind: Kind
  /// The fault in one sentence.
  package let message: String
  /// How to fix the fault, if known.
  package let hint: String?

  /// Creates an error; the parameters are the properties above.
  package init(_ kind: Kind, _ message: String, hint: String? = nil) {
    self.kind = kind
    self.message = message
    self.hint = hint
  }
}

extension WarehouseError: CustomStringConvertible {
  /// The message, with the hint if there is one.
  package var description: String { hint.map { "\(message): \($0)" } ?? message }
}

extension WarehouseError {
  static func noStar(_ resource: String) -> WarehouseError {
    WarehouseError(
      .layout, "the description of \"\(resource)\" does not map its columns to regions and metrics",
      hint: "add a \"star\" to the resource; docs/dataset.md shows one")
  }
}
