import Dataset

/// The columns and the key of the table, according to the description.
struct TableSchema: Sendable, Equatable {
  struct Column: Sendable, Equatable {
    let name: String
    let type: String
  }

  /// The described columns.
  let fields: [Column]
  let types: [ColumnType]
  /// Column names of the primary key; empty if rows have no key.
  let key: [String]

  /// The lineage columns: the Kafka coordinates of a row. `landed_at` defaults to the transaction's time.
  static let lineage = [
    Column(name: "kafka_topic", type: "text"),
    Column(name: "kafka_partition", type: "integer"),
    Column(name: "kafka_offset", type: "bigint"),
    Column(name: "landed_at", type: "timestamp with time zone"),
  ]

  /// Maximum length of a name in bytes: Postgres truncates longer names silently (NAMEDATALEN).
  static let maxNameBytes = 63

  init(_ resource: Resource) throws(SinkError) {
    types = resource.fields.map { ColumnType($0.type) }
    fields = zip(resource.fields, types).map { Column(name: $0.column, type: $1.rawValue) }
    key = resource.primaryKey.map { resource.fields[$0].column }
    for field in fields {
      if Self.lineage.contains(where: { $0.name == field.name }) {
        throw SinkError(
          .configuration, "column \(field.name) is reserved: the consumer adds it", hint: "give the field another column name")
      }
      if field.name.utf8.count > Self.maxNameBytes {
        throw SinkError(
          .configuration, "the name of column \(field.name) is longer than Postgres's limit of \(Self.maxNameBytes) bytes",
          hint: "give the field a shorter column name")
      }
    }
  }

  var columns: [Column] { fields + Self.lineage }

  /// A column whose type in the table is not the described one.
  struct TypeDifference: Sendable, Equatable {
    let column: Column
    let existing: String
  }

  /// The columns of an existing table that differ in type, in the order of the description.
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
