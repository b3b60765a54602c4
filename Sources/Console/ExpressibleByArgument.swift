/// A type that can be parsed from a command-line word or an environment variable.
public protocol ExpressibleByArgument {
  /// The value of a word; nil if the word is not valid.
  init?(argument: String)
  /// A noun phrase for error messages: "… is not a whole number".
  static var valueKind: String { get }
  /// All valid words, if they can be listed.
  static var allValueStrings: [String] { get }
  /// This value as written on the command line, for `--help`.
  var defaultValueDescription: String { get }
}

extension ExpressibleByArgument {
  /// The default noun phrase.
  public static var valueKind: String { "a valid value" }
  /// Empty: the values are not listed.
  public static var allValueStrings: [String] { [] }
  /// Swift's description of the value.
  public var defaultValueDescription: String { "\(self)" }
}

extension ExpressibleByArgument where Self: CaseIterable & RawRepresentable, RawValue == String {
  /// The case with this raw value.
  public init?(argument: String) { self.init(rawValue: argument) }
  /// All raw values in a phrase.
  public static var valueKind: String { "one of \(allValueStrings.joined(separator: ", "))" }
  /// All raw values.
  public static var allValueStrings: [String] { allCases.map(\.rawValue) }
  /// The raw value.
  public var defaultValueDescription: String { rawValue }
}

extension String: ExpressibleByArgument {
  /// Any text.
  public init?(argument: String) { self = argument }
  /// The noun phrase for a string.
  public static var valueKind: String { "a text" }
}

extension Int: ExpressibleByArgument {
  public init?(argument: String) { self.init(argument) }
  /// The noun phrase for an integer.
  public static var valueKind: String { "a whole number" }
}

extension Double: ExpressibleByArgument {
  public init?(argument: String) {
    self.init(argument)
    guard isFinite else { return nil }
  }
  /// The noun phrase for a number.
  public static var valueKind: String { "a number" }
  /// The number, without a fraction if it is whole.
  public var defaultValueDescription: String {
    self == rounded() && magnitude < 1e15 ? "\(Int(self))" : "\(self)"
  }
}

extension UInt16: ExpressibleByArgument {
  public init?(argument: String) { self.init(argument) }
  /// The noun phrase with the range.
  public static var valueKind: String { "a whole number from 0 to 65535" }
}
