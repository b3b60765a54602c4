import Dataset
import JSONText

/// A JSON value that keeps the order of members and the digits of numbers.
public enum JSON: Sendable, Equatable {
  case null
  case bool(Bool)
  /// The number's spelling.
  case number(String)
  case string(String)
  case array([JSON])
  case object([(String, JSON)])

  /// An integer.
  public static func integer(_ number: some BinaryInteger) -> JSON { .number(String(number)) }

  /// The exact number with its decimal places; null for nil.
  public static func amount(_ amount: FixedDecimal?) -> JSON { amount.map { .number($0.text) } ?? .null }

  /// The number rounded to `places`; null for nil, NaN and infinity.
  public static func rounded(_ number: Double?, places: Int) -> JSON {
    guard let number, number.isFinite, let amount = FixedDecimal(number, places: places) else { return .null }
    return .number(amount.trimmed.text)
  }

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
    case .object(let members): "{\(members.map { "\(JSONString.quoted($0.0)):\($0.1.line)" }.joined(separator: ","))}"
    }
  }

  /// True if both have the same text.
  public static func == (left: JSON, right: JSON) -> Bool { left.line == right.line }
}

extension FixedDecimal {
  /// Rounds a binary number to `places` decimal places, halves away from zero; nil if it does not fit.
  public init?(_ number: Double, places: Int) {
    var scaled = number
    for _ in 0..<places { scaled *= 10 }
    scaled.round(.toNearestOrAwayFromZero)
    guard scaled.magnitude < 9e18 else { return nil }
    self.init(unscaled: Int64(scaled), scale: places)
  }
}
