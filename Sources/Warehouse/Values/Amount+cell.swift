import Dataset

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
