/// The value of a parameter such as `$1`: text in the server's input format, bytes for bytea, or NULL.
public enum PostgresParameter: Sendable, Equatable {
  case null
  case text(String)
  case bytes([UInt8])

  /// Text, or NULL for nil.
  public init(_ text: String?) { self = text.map { .text($0) } ?? .null }
  /// An integer as decimal text.
  public init(_ number: some BinaryInteger) { self = .text(String(number)) }
}

extension PostgresParameter: ExpressibleByStringLiteral, ExpressibleByNilLiteral {
  /// Text.
  public init(stringLiteral value: String) { self = .text(value) }
  /// NULL.
  public init(nilLiteral: ()) { self = .null }
}
