/// How the numbers of a column are written.
public struct NumberFormat: Sendable, Equatable {
  /// Between the whole part and the fraction.
  public var decimalChar = "."
  /// Between groups of digits; none by default.
  public var groupChar: String?
  /// False: a unit may stand before or after the number (`$ 12`, `95%`) and is passed over.
  public var bareNumber = true

  public init(decimalChar: String = ".", groupChar: String? = nil, bareNumber: Bool = true) {
    self.decimalChar = decimalChar
    self.groupChar = groupChar
    self.bareNumber = bareNumber
  }

  /// As JSON and SQL write numbers: what the fast paths read.
  var isPlain: Bool { decimalChar == "." && groupChar == nil && bareNumber }
}
