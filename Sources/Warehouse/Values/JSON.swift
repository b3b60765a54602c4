import Dataset
import JSONText

/// A JSON value whose members keep their order, and whose numbers keep their digits.
public enum JSON: Sendable, Equatable {
  case null
  case bool(Bool)
  /// The number's own text.
  case number(String)
  case string(String)
  case array([JSON])
  case object([(String, JSON)])

  public static func integer(_ number: some BinaryInteger) -> JSON { .number(String(number)) }

  /// Exact, with the amount's places; null for nil.
  public static func amount(_ amount: FixedDecimal?) -> JSON { amount.map { .number($0.text) } ?? .null }

  /// Rounded to `places`; null for nil and for what is no number.
  public static func rounded(_ number: Double?, places: Int) -> JSON {
    guard let number, number.isFinite, let amount = FixedDecimal(number, places: places) else { return .null }
    return .number(amount.trimmed.text)
  }

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

  public static func == (left: JSON, right: JSON) -> Bool { left.line == right.line }
}

extension FixedDecimal {
  /// A binary number to the nearest unit of `places`, halves away from zero; nil if it does not fit.
  public init?(_ number: Double, places: Int) {
    var scaled = number
    for _ in 0..<places { scaled *= 10 }
    scaled.round(.toNearestOrAwayFromZero)
    guard scaled.magnitude < 9e18 else { return nil }
    self.init(unscaled: Int64(scaled), scale: places)
  }
}
