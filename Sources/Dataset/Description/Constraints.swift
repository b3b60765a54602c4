/// A field's constraints beyond its type. The producer and the consumer check all of them except `unique`, which needs the whole file.
public struct Constraints: Sendable, Equatable {
  /// True if the value must not be null.
  public var required = false
  /// True if no two rows may have the same value.
  public var unique = false
  /// The least allowed value.
  public var minimum: Bound?
  /// The greatest allowed value.
  public var maximum: Bound?
  /// Values must be greater than this one.
  public var exclusiveMinimum: Bound?
  /// Values must be less than this one.
  public var exclusiveMaximum: Bound?
  /// The least length, in characters (Unicode scalars).
  public var minLength: Int?
  /// The greatest length, in characters (Unicode scalars).
  public var maxLength: Int?
  /// A regular expression that the whole text must match.
  public var pattern: TextPattern?
  /// `enum` of Table Schema: the allowed values.
  public var allowed: [Bound]?

  /// No constraints.
  public init() {}

  /// True if a value that is not null can violate a constraint.
  var hasConstraints: Bool {
    minimum != nil || maximum != nil || exclusiveMinimum != nil || exclusiveMaximum != nil || minLength != nil || maxLength != nil
      || pattern != nil || allowed != nil
  }

  /// A typed value of a constraint, with its spelling for messages.
  public struct Bound: Sendable, Equatable {
    /// The value.
    public let cell: Cell
    /// The bytes that `cell` points into.
    public let text: [UInt8]
    /// The value as the description spells it.
    public let spelling: String
  }
}
