import Support

/// Checks the constraints of one field, for the cells of a CSV and the members of a message alike.
struct FieldValidator {
  /// The field's name in messages.
  let label: String
  let isKey: Bool
  let isRequired: Bool
  /// False if every value that is not null is valid.
  let hasConstraints: Bool
  let constraints: Constraints
  private let regex: Regex<AnyRegexOutput>?

  init(label: String, field: Field, isKey: Bool) {
    self.label = label
    self.isKey = isKey
    isRequired = isKey || field.isRequired
    constraints = field.constraints
    hasConstraints = constraints.hasConstraints
    // Cannot fail: the description compiled the expression already.
    regex = try? constraints.pattern?.compiled()
  }

  /// The reason that a missing value is rejected for.
  var missing: RejectReason {
    isKey
      ? RejectReason(.key, "\(label): part of the key, and has no value") : RejectReason(.required, "\(label): required, and has no value")
  }

  /// Checks a value that is not null. `spelling` is its spelling in the source, for the reason that is thrown.
  func validate(_ cell: Cell, in text: [UInt8], spelling: @autoclosure () -> String) throws(RejectReason) {
    if let minimum = constraints.minimum, compare(cell, text, minimum) < 0 {
      throw broken(spelling(), "is less than the minimum \(minimum.spelling)")
    }
    if let maximum = constraints.maximum, compare(cell, text, maximum) > 0 {
      throw broken(spelling(), "is more than the maximum \(maximum.spelling)")
    }
    if let bound = constraints.exclusiveMinimum, compare(cell, text, bound) <= 0 {
      throw broken(spelling(), "is not more than \(bound.spelling)")
    }
    if let bound = constraints.exclusiveMaximum, compare(cell, text, bound) >= 0 {
      throw broken(spelling(), "is not less than \(bound.spelling)")
    }
    if let values = constraints.enumValues, !values.contains(where: { compare(cell, text, $0) == 0 }) {
      let names = values.prefix(8).map(\.spelling).joined(separator: ", ")
      throw broken(spelling(), "is not one of \(names)\(values.count > 8 ? ", …" : "")")
    }
    guard cell.kind == .text else { return }
    if constraints.minLength != nil || constraints.maxLength != nil {
      let length = UTF8Check.scalarCount(in: text.span, cell.range)
      if let least = constraints.minLength, length < least {
        throw broken(spelling(), "has \(counted(length, "character")), fewer than \(least)")
      }
      if let most = constraints.maxLength, length > most {
        throw broken(spelling(), "has \(counted(length, "character")), more than \(most)")
      }
    }
    if let regex, let pattern = constraints.pattern {
      let value = String(decoding: text[cell.range], as: UTF8.self)
      let match = try? regex.wholeMatch(in: value)
      if match == nil { throw broken(spelling(), "does not match the pattern \(pattern.source)") }
    }
  }

  private func compare(_ cell: Cell, _ text: [UInt8], _ bound: Constraints.Bound) -> Int {
    if cell.kind == .text {
      let mine = text[cell.range]
      let other = bound.text[bound.cell.range]
      return mine.elementsEqual(other) ? 0 : mine.lexicographicallyPrecedes(other) ? -1 : 1
    }
    return DecimalParser.compare(cell, text, bound.cell, bound.text)
  }

  private func broken(_ spelling: String, _ what: String) -> RejectReason {
    RejectReason(.constraint, "\(label): \(spelling) \(what)")
  }
}

/// The least and greatest payload of a number field for each scale of a decimal: one comparison per bound, instead of the general check of each
/// constraint.
struct FastPathLimits {
  /// 19 entries each, for scale 0...18.
  private let least: [Int64]
  private let greatest: [Int64]

  /// Nil if the field has other constraints than a minimum and a maximum.
  init?(_ constraints: Constraints) {
    var rest = constraints
    rest.minimum = nil
    rest.maximum = nil
    if rest.hasConstraints { return nil }
    guard let least = Self.payloads(constraints.minimum, unbounded: .min, roundsUp: true),
      let greatest = Self.payloads(constraints.maximum, unbounded: .max, roundsUp: false)
    else { return nil }
    self.least = least
    self.greatest = greatest
  }

  @inline(__always)
  func contains(_ payload: Int64, scale: Int) -> Bool { payload >= least[scale] && payload <= greatest[scale] }

  private static func payloads(_ bound: Constraints.Bound?, unbounded: Int64, roundsUp: Bool) -> [Int64]? {
    guard let bound else { return Array(repeating: unbounded, count: 19) }
    guard bound.cell.kind == .integer || bound.cell.kind == .decimal else { return nil }
    var payloads: [Int64] = []
    var power: Int128 = 1
    var divisor: Int128 = 1
    for _ in 0..<bound.cell.scale { divisor *= 10 }
    for _ in 0...18 {
      let exact = Int128(bound.cell.payload) * power
      var value = exact / divisor
      if value * divisor != exact, (exact > 0) == roundsUp { value += roundsUp ? 1 : -1 }
      payloads.append(Int64(clamping: value))
      power *= 10
    }
    return payloads
  }
}
