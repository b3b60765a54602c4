/// The number format of a column.
public struct NumberFormat: Sendable, Equatable {
  /// The character between the whole part and the fraction.
  public var decimalChar = "."
  /// The character between groups of digits; nil if there are no groups.
  public var groupChar: String?
  /// False if a unit may precede or follow the number (`$ 12`, `95%`); the unit is then skipped.
  public var bareNumber = true

  /// Creates a format; the defaults are Table Schema's.
  public init(decimalChar: String = ".", groupChar: String? = nil, bareNumber: Bool = true) {
    self.decimalChar = decimalChar
    self.groupChar = groupChar
    self.bareNumber = bareNumber
  }

  /// True for the number format of JSON and SQL, which the fast paths read.
  var isPlain: Bool { decimalChar == "." && groupChar == nil && bareNumber }
}
