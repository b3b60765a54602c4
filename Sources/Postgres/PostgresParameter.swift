/// A value for `$1`, `$2` …: text as the server reads it, bytes for bytea, or NULL.
public enum PostgresParameter: Sendable, Equatable {
  case null
  case text(String)
  case bytes([UInt8])

  public init(_ text: String?) { self = text.map { .text($0) } ?? .null }
  public init(_ number: some BinaryInteger) { self = .text(String(number)) }
}

extension PostgresParameter: ExpressibleByStringLiteral, ExpressibleByNilLiteral {
  public init(stringLiteral value: String) { self = .text(value) }
  public init(nilLiteral: ()) { self = .null }
}
