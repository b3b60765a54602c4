/// The supported types of Table Schema, each with the format of its cells.
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
