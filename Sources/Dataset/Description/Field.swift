/// One described column.
public struct Field: Sendable, Equatable {
  /// The column's header in the CSV: trimmed at its ends, its inner blanks as they are.
  public let header: String
  /// The column's name in JSON and SQL.
  public let column: String
  public let title: String?
  public let type: FieldType
  public let constraints: Constraints
  /// The cells that mean «no value».
  public let missingValues: [String]
  /// What the numbers count, such as `USD`; for people.
  public let unit: String?
  /// Decimal places of a number column, where the description says so.
  public let decimals: Int?

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

  /// True where a value must be there: by its constraint (a key's columns are required by their resource).
  public var isRequired: Bool { constraints.required }

  /// Whether a column's name has more than underscores: `_` says nothing, and the next header in another script gives the same.
  static func isUsable(column: String) -> Bool { column.contains { $0 != "_" } }

  /// The column name a header gives when the description names none: lower case, each run of other characters folded to `_`.
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
