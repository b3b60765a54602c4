import Dataset

/// The columns and the key of the table that a description asks for.
struct TableSchema: Sendable, Equatable {
  struct Column: Sendable, Equatable {
    let name: String
    let type: String
  }

  /// The described columns.
  let fields: [Column]
  let types: [ColumnType]
  /// Names of the key's columns; empty where rows have no key.
  let key: [String]

  /// Where a row came from. `landed_at` has the transaction's time by default.
  static let lineage = [
    Column(name: "kafka_topic", type: "text"),
    Column(name: "kafka_partition", type: "integer"),
    Column(name: "kafka_offset", type: "bigint"),
    Column(name: "landed_at", type: "timestamp with time zone"),
  ]

  /// Postgres cuts longer names, in silence (NAMEDATALEN).
  static let maxNameBytes = 63

  init(_ resource: Resource) throws(SinkError) {
    types = resource.fields.map { ColumnType($0.type) }
    fields = zip(resource.fields, types).map { Column(name: $0.column, type: $1.rawValue) }
    key = resource.primaryKey.map { resource.fields[$0].column }
    for field in fields {
      if Self.lineage.contains(where: { $0.name == field.name }) {
        throw SinkError(
          .configuration, "column \(field.name) is one that the consumer adds itself", advice: "give the field another column name")
      }
      if field.name.utf8.count > Self.maxNameBytes {
        throw SinkError(
          .configuration, "column \(field.name) is longer than Postgres's \(Self.maxNameBytes) bytes",
          advice: "give the field a shorter column name")
      }
    }
  }

  var columns: [Column] { fields + Self.lineage }

  /// A column whose type in the table is another one than the described one.
  struct TypeDifference: Sendable, Equatable {
    let column: Column
    let existing: String
  }

  /// What of an existing table differs in type, in the order of the description.
  func differences(from existing: [Column]) -> [TypeDifference] {
    let types = Dictionary(existing.map { ($0.name, $0.type) }, uniquingKeysWith: { first, _ in first })
    return columns.compactMap { column in
      guard let type = types[column.name], type != column.type else { return nil }
      return TypeDifference(column: column, existing: type)
    }
  }

  /// The columns that an existing table lacks.
  func missing(from existing: [Column]) -> [Column] {
    let names = Set(existing.map(\.name))
    return columns.filter { !names.contains($0.name) }
  }
}
