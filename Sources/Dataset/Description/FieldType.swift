/// The types of Table Schema that a row can carry, each with the format its cells are written in.
public enum FieldType: Sendable, Equatable {
  case string
  case integer(NumberFormat)
  case number(NumberFormat)
  case boolean(BooleanFormat)
  case date(TemporalFormat)
  case datetime(TemporalFormat)
  case time(TemporalFormat)
  case year

  /// The type's name in Table Schema.
  public var name: String {
    switch self {
    case .string: "string"
    case .integer: "integer"
    case .number: "number"
    case .boolean: "boolean"
    case .date: "date"
    case .datetime: "datetime"
    case .time: "time"
    case .year: "year"
    }
  }
}
