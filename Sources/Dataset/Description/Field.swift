/// One described column.
public struct Field: Sendable, Equatable {
  /// The column's header in the CSV: trimmed at its ends, inner blanks unchanged.
  public let header: String
  /// The column's name in JSON and SQL.
  public let column: String
  /// A human-readable title, if the description has one.
  public let title: String?
  /// The type and format of the cells.
  public let type: FieldType
  /// The constraints on the values.
  public let constraints: Constraints
  /// Cells that mean "no value".
  public let missingValues: [String]
  /// The unit of the numbers, such as `USD`; shown, not interpreted.
  public let unit: String?
  /// Decimal places of a number column, if described.
  public let decimals: Int?

  /// Creates a field; the parameters are the properties above.
  public init(
    header: String, column: String, title: String? = nil, type: FieldType, constraints: Constraints = Constraints(),
    missingValues: [String] = [""], unit: String? = nil, decimals: Int? = nil
  ) {
    self.header = header
    self.column = column
    self.title = title
    self.type = type
    self.constraints = constraints
    self.missingValues = missingValues
    self.unit = unit
    self.decimals = decimals
  }

  /// True if the field's constraint requires a value. (A key's columns are required by their resource.)
  public var isRequired: Bool { constraints.required }

  /// True if a column's name has a character other than `_`: any header in another script would give `_`.
  static func isUsable(column: String) -> Bool { column.contains { $0 != "_" } }

  /// The column name derived from a header if the description does not set one: lower case, each run of other characters replaced by `_`.
  public static func columnName(from header: String) -> String {
    var name = ""
    var folded = false
    for scalar in header.unicodeScalars {
      switch scalar {
      case "a"..."z", "0"..."9":
        name.unicodeScalars.append(scalar)
        folded = false
      case "A"..."Z":
        name += Character(scalar).lowercased()
        folded = false
      default:
        if !folded { name += "_" }
        folded = true
      }
    }
    return name
  }
}
