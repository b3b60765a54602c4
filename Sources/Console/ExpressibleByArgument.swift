/// A type that a word of the command line, or an environment variable, can spell.
public protocol ExpressibleByArgument {
  init?(argument: String)
  /// What a value is, for «… is not a whole number».
  static var valueKind: String { get }
  /// All spellings, where they can be listed.
  static var allValueStrings: [String] { get }
  /// This value as the command line would spell it, for `--help`.
  var defaultValueDescription: String { get }
}

extension ExpressibleByArgument {
  public static var valueKind: String { "a valid value" }
  public static var allValueStrings: [String] { [] }
  public var defaultValueDescription: String { "\(self)" }
}

extension ExpressibleByArgument where Self: CaseIterable & RawRepresentable, RawValue == String {
  public init?(argument: String) { self.init(rawValue: argument) }
  public static var valueKind: String { "one of \(allValueStrings.joined(separator: ", "))" }
  public static var allValueStrings: [String] { allCases.map(\.rawValue) }
  public var defaultValueDescription: String { rawValue }
}

extension String: ExpressibleByArgument {
  public init?(argument: String) { self = argument }
  public static var valueKind: String { "a text" }
}

extension Int: ExpressibleByArgument {
  public init?(argument: String) { self.init(argument) }
  public static var valueKind: String { "a whole number" }
}

extension Double: ExpressibleByArgument {
  public init?(argument: String) {
    self.init(argument)
    guard isFinite else { return nil }
  }
  public static var valueKind: String { "a number" }
  public var defaultValueDescription: String {
    self == rounded() && magnitude < 1e15 ? "\(Int(self))" : "\(self)"
  }
}

extension UInt16: ExpressibleByArgument {
  public init?(argument: String) { self.init(argument) }
  public static var valueKind: String { "a whole number from 0 to 65535" }
}
