/// The words of a column that mean true and false.
public struct BooleanFormat: Sendable, Equatable {
  public var trueValues = ["true", "True", "TRUE", "1"]
  public var falseValues = ["false", "False", "FALSE", "0"]

  public init() {}

  public init(trueValues: [String], falseValues: [String]) {
    self.trueValues = trueValues
    self.falseValues = falseValues
  }
}
