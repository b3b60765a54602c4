/// Checks the constraints of one field, for the cells of a CSV and the members of a message alike.
struct FieldValidator {
  /// The field's name in messages.
  let label: String
  let isKey: Bool
  let isRequired: Bool
  /// False if every value that is not null is valid.
  let holdsValues: Bool
  let constraints: Constraints
  private let regex: Regex<AnyRegexOutput>?

  init(label: String, field: Field, isKey: Bool) {
    self.label = label
    self.isKey = isKey
    isRequired = isKey || field.isRequired
    constraints = field.constraints
    holdsValues = constraints.hasConstraints
    // Cannot fail: the description compiled the expression already.
    regex = try? constraints.pattern?.compiled()
  }

  /// The reason that a missing value is rejected for.
  var missing: RejectReason {
    isKey
      ? RejectReason(.key, "\(label): part of the key, and has no value") : RejectReason(.required, "\(label): required, and has no value")
  }

  /// Checks a value that is not null. `spelling` is its spelling in the source, for the reason that is thrown.
  func hold(_ cell: Cell, in text: [UInt8], spelling: @autoclosure () -> String) throws(RejectReason) {
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
    if let allowed = constraints.allowed, !allowed.contains(where: { compare(cell, text, $0) == 0 }) {
      let names = allowed.prefix(8).map(\.spelling).joined(separator: ", ")
      throw broken(spelling(), "is not one of \(names)\(allowed.count > 8 ? ", …" : "")")
    }
    guard cell.kind == .text else { return }
    if constraints.minLength != nil || constraints.maxLength != nil {
      let length = UTF8Check.scalarCount(in: text.span, cell.range)
      if let least = constraints.minLength, length < least { throw broken(spelling(), "has \(length) characters, fewer than \(least)") }
      if let most = constraints.maxLength, length > most { throw broken(spelling(), "has \(length) characters, more than \(most)") }
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
