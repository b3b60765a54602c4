/// The `--help` text of one option.
public struct ArgumentHelp: Sendable, ExpressibleByStringInterpolation {
  /// One or two sentences. The default and the environment variable are added automatically.
  public var abstract: String
  /// The placeholder for the value: `--dataset FILE`.
  public var valueName: String?
  /// A description of a default that is not a constant, for example "datapackage.json in the CSV's folder".
  public var defaultText: String?

  /// The help text of an option.
  public init(_ abstract: String, valueName: String? = nil, default defaultText: String? = nil) {
    self.abstract = abstract
    self.valueName = valueName
    self.defaultText = defaultText
  }

  /// A text without a value name or a default.
  public init(stringLiteral value: String) { self.init(value) }
}
