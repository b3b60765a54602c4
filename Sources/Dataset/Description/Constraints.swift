/// What a field's values must hold beyond their type. Producer and consumer hold all of it but `unique`, which needs the whole file.
public struct Constraints: Sendable, Equatable {
  public var required = false
  public var unique = false
  public var minimum: Bound?
  public var maximum: Bound?
  public var exclusiveMinimum: Bound?
  public var exclusiveMaximum: Bound?
  /// In characters (Unicode scalars).
  public var minLength: Int?
  public var maxLength: Int?
  public var pattern: TextPattern?
  public var allowed: [Bound]?

  public init() {}

  /// True where a value that is not null can break something.
  var hasConstraints: Bool {
    minimum != nil || maximum != nil || exclusiveMinimum != nil || exclusiveMaximum != nil || minLength != nil || maxLength != nil
      || pattern != nil || allowed != nil
  }

  /// A typed value of the description, with its spelling for messages.
  public struct Bound: Sendable, Equatable {
    public let cell: Cell
    /// The bytes that `cell` points into.
    public let text: [UInt8]
    public let spelling: String
  }
}
