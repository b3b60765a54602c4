/// What `--help` says of one option.
public struct ArgumentHelp: Sendable, ExpressibleByStringInterpolation {
  /// One sentence or two, without what the default and the environment add by themselves.
  public var abstract: String
  /// What stands for the value: `--dataset FILE`.
  public var valueName: String?
  /// How the default reads where it is not a constant: «datapackage.json beside the CSV».
  public var defaultText: String?

  public init(_ abstract: String, valueName: String? = nil, default defaultText: String? = nil) {
    self.abstract = abstract
    self.valueName = valueName
    self.defaultText = defaultText
  }

  public init(stringLiteral value: String) { self.init(value) }
}
