/// A JSON value that keeps the order of members and the digits of numbers. Rows on their way to Kafka are not built of these.
public enum JSON: Sendable {
  case null
  case bool(Bool)
  /// The number's spelling.
  case number(String)
  case string(String)
  case array([JSON])
  case object([Member])

  /// A member of an object.
  public typealias Member = (name: String, value: JSON)

  /// An integer.
  public static func integer(_ number: some BinaryInteger) -> JSON { .number(String(number)) }

  /// A string; null for nil.
  public static func text(_ text: String?) -> JSON { text.map { .string($0) } ?? .null }

  /// On one line, without blanks.
  public var line: String {
    switch self {
    case .null: "null"
    case .bool(let value): value ? "true" : "false"
    case .number(let text): text
    case .string(let text): JSONString.quoted(text)
    case .array(let values): "[\(values.map(\.line).joined(separator: ","))]"
    case .object(let members): "{\(members.map { "\(JSONString.quoted($0.name)):\($0.value.line)" }.joined(separator: ","))}"
    }
  }
}

extension JSON: Equatable {
  /// True if both have the same members in the same order, and numbers of the same spelling.
  public static func == (left: JSON, right: JSON) -> Bool {
    switch (left, right) {
    case (.null, .null): true
    case (.bool(let left), .bool(let right)): left == right
    case (.number(let left), .number(let right)), (.string(let left), .string(let right)): left == right
    case (.array(let left), .array(let right)): left == right
    case (.object(let left), .object(let right)): left.elementsEqual(right) { $0.name == $1.name && $0.value == $1.value }
    default: false
    }
  }
}
