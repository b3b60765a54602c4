import Dataset

/// The Postgres types that a described column can have.
enum ColumnType: String, Sendable, Equatable {
  case text
  case bigint
  case numeric
  case boolean
  case date
  case timestamptz = "timestamp with time zone"
  case time = "time without time zone"
  case integer

  init(_ type: FieldType) {
    self =
      switch type {
      case .string: .text
      case .integer: .bigint
      case .number: .numeric
      case .boolean: .boolean
      case .date: .date
      case .datetime: .timestamptz
      case .time: .time
      case .year: .integer
      }
  }
}
