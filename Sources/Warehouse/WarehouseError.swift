/// What the warehouse cannot do, and what a person can do about it. Errors of the two engines and of the dataset go through as they are.
public struct WarehouseError: Error, Sendable, Equatable {
  public enum Kind: Sendable, Equatable {
    /// Rows that do not fit (exit 65).
    case data
    /// There is no warehouse there, or no such table (exit 66).
    case missing
    /// The description lacks what is needed, or tables of the same names are somebody else's (exit 78).
    case layout
  }

  public let kind: Kind
  public let message: String
  public let advice: String?

  public init(_ kind: Kind, _ message: String, advice: String? = nil) {
    self.kind = kind
    self.message = message
    self.advice = advice
  }
}

extension WarehouseError: CustomStringConvertible {
  public var description: String { advice.map { "\(message): \($0)" } ?? message }
}

extension WarehouseError {
  static func noStar(_ resource: String) -> WarehouseError {
    WarehouseError(
      .layout, "the description of \"\(resource)\" does not say how its columns fold into regions and metrics",
      advice: "add a \"star\" to the resource; docs/dataset.md shows one")
  }
}
