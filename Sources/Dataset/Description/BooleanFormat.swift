/// The words of a column that mean true and false.
public struct BooleanFormat: Sendable, Equatable {
  /// Cells that mean true.
  public var trueValues = ["true", "True", "TRUE", "1"]
  /// Cells that mean false.
  public var falseValues = ["false", "False", "FALSE", "0"]

  /// Table Schema's default words.
  public init() {}

  /// The words of a column that declares its own; the two lists must not overlap.
  public init(trueValues: [String], falseValues: [String]) {
    self.trueValues = trueValues
    self.falseValues = falseValues
  }
}
