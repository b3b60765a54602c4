/// One described CSV.
public struct Resource: Sendable, Equatable {
  /// The resource's name in the description.
  public let name: String
  /// A human-readable title, if the description has one.
  public let title: String?
  /// The CSV's path, relative to the description.
  public let path: String
  /// The CSV's format.
  public let dialect: Dialect
  /// The described columns, in the order of the description.
  public let fields: [Field]
  /// Indexes into `fields`; empty if rows have no key.
  public let primaryKey: [Int]
  /// The Kafka topic: described, or derived from the name.
  public let topic: String
  /// The Postgres table: described, or derived from the name.
  public let table: String
  /// The mapping to a star schema, if described.
  public let star: StarMapping?
  /// Rules between rows or columns.
  public let rules: [Rule]

  /// Creates a resource; the parameters are the properties above.
  public init(
    name: String, title: String? = nil, path: String, dialect: Dialect = Dialect(), fields: [Field], primaryKey: [Int] = [],
    topic: String? = nil, table: String? = nil, star: StarMapping? = nil, rules: [Rule] = []
  ) {
    self.name = name
    self.title = title
    self.path = path
    self.dialect = dialect
    self.fields = fields
    self.primaryKey = primaryKey
    self.topic = topic ?? name
    self.table = table ?? Field.columnName(from: name)
    self.star = star
    self.rules = rules
  }

  /// The index of the field with this column name, or nil.
  public func field(column: String) -> Int? { fields.firstIndex { $0.column == column } }

  /// True if the field must not be null: it is constrained as required, or part of the key.
  public func isRequired(_ field: Int) -> Bool { fields[field].isRequired || primaryKey.contains(field) }
}
