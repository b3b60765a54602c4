import Dataset
import Support

extension FixedDecimal {
  /// `11.45`, `-0.50`, `4520992000`: always with `scale` decimal places.
  package var text: String { text { $0 } }

  /// Human-readable, with groups: `4,520,992,000`.
  package var grouped: String { text { Support.grouped(digits: $0) } }

  private func text(_ whole: (String) -> String) -> String {
    var digits = String(unscaled.magnitude)
    if digits.count <= scale { digits = String(repeating: "0", count: scale + 1 - digits.count) + digits }
    let text = (unscaled < 0 ? "-" : "") + whole(String(digits.dropLast(scale)))
    return scale == 0 ? text : text + "." + digits.suffix(scale)
  }

  /// Parses UTF-8 such as `11.45`, the format of a server's numeric; nil if it is not a number or does not fit.
  package init?(_ text: some Collection<UInt8>) {
    var value: Int64 = 0
    var scale = 0
    var isFraction = false
    var digits = 0
    var negative = false
    for (index, byte) in text.enumerated() {
      switch byte {
      case UInt8(ascii: "-") where index == 0: negative = true
      case UInt8(ascii: ".") where !isFraction: isFraction = true
      case UInt8(ascii: "0")...UInt8(ascii: "9"):
        let (product, first) = value.multipliedReportingOverflow(by: 10)
        let (sum, second) = product.subtractingReportingOverflow(Int64(byte - UInt8(ascii: "0")))
        if first || second { return nil }
        value = sum
        digits += 1
        if isFraction { scale += 1 }
      default: return nil
      }
    }
    // Negative accumulation: the least Int64 has no positive counterpart.
    if !negative {
      guard value != .min else { return nil }
      value = -value
    }
    guard digits > 0 else { return nil }
    self.init(unscaled: value, scale: scale)
  }

  /// Parses text such as `11.45`; nil if it is not a number or does not fit.
  package init?(_ text: String) { self.init(text.utf8) }

  /// The same value with other decimal places; nil if digits would be lost or it does not fit.
  package func rescaled(to places: Int) -> FixedDecimal? {
    var value = unscaled
    var scale = scale
    while scale < places {
      let (product, overflow) = value.multipliedReportingOverflow(by: 10)
      if overflow { return nil }
      value = product
      scale += 1
    }
    while scale > places {
      guard value % 10 == 0 else { return nil }
      value /= 10
      scale -= 1
    }
    return FixedDecimal(unscaled: value, scale: scale)
  }

  /// The same value without trailing zeros after the decimal point.
  package var trimmed: FixedDecimal {
    var value = unscaled
    var scale = scale
    while scale > 0, value % 10 == 0 {
      value /= 10
      scale -= 1
    }
    return FixedDecimal(unscaled: value, scale: scale)
  }
}

extension FixedDecimal {
  /// The number in a cell of kind integer, decimal or bigDecimal; nil for NULL.
  /// - Throws: `.data` if it has more digits than 64 bits can store.
  static func of(_ cell: Cell, in row: Row) throws(WarehouseError) -> FixedDecimal? {
    switch cell.kind {
    case .null: return nil
    case .integer: return FixedDecimal(unscaled: cell.payload)
    case .decimal: return FixedDecimal(unscaled: cell.payload, scale: Int(cell.scale))
    case .bigDecimal:
      guard let digits = FixedDecimal(row.text[cell.range]), digits.scale == 0 else { throw tooLong }
      guard cell.scale >= 0 else {
        guard let value = digits.rescaled(to: Int(-cell.scale)) else { throw tooLong }
        return FixedDecimal(unscaled: value.unscaled)
      }
      return FixedDecimal(unscaled: digits.unscaled, scale: Int(cell.scale))
    default: throw WarehouseError(.data, "not a number")
    }
  }

  private static var tooLong: WarehouseError { WarehouseError(.data, "a number of more than 18 digits does not fit a fact") }
}

extension JSON {
  /// The exact number with its decimal places; null for nil.
  package static func amount(_ amount: FixedDecimal?) -> JSON { amount.map { .number($0.text) } ?? .null }

  /// The number rounded to `places`; null for nil, NaN and infinity.
  package static func rounded(_ number: Double?, places: Int) -> JSON {
    guard let number, number.isFinite, let amount = FixedDecimal(number, places: places) else { return .null }
    return .number(amount.trimmed.text)
  }
}

extension FixedDecimal {
  /// Rounds a binary number to `places` decimal places, halves away from zero; nil if it does not fit.
  package init?(_ number: Double, places: Int) {
    var scaled = number
    for _ in 0..<places { scaled *= 10 }
    scaled.round(.toNearestOrAwayFromZero)
    guard scaled.magnitude < 9e18 else { return nil }
    self.init(unscaled: Int64(scaled), scale: places)
  }
}
