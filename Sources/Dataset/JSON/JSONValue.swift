/// A JSON text as a tree that keeps the order of members. It is used for the description, which is small, never for rows.
enum JSONValue: Equatable, Sendable {
  case null
  case boolean(Bool)
  /// The number's spelling in the source.
  case number(String)
  case string(String)
  case array([JSONValue])
  case object([Member])

  struct Member: Equatable, Sendable {
    let name: String
    let value: JSONValue
  }

  /// The kind of value, for messages.
  var kind: String {
    switch self {
    case .null: "null"
    case .boolean: "a boolean"
    case .number: "a number"
    case .string: "a string"
    case .array: "an array"
    case .object: "an object"
    }
  }
}
