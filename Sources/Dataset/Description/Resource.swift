/// One described CSV.
public struct Resource: Sendable, Equatable {
  public let name: String
  public let title: String?
  /// The CSV's path, relative to the description.
  public let path: String
  public let dialect: Dialect
  public let fields: [Field]
  /// Indexes into `fields`; empty where rows have no key.
  public let primaryKey: [Int]
  public let topic: String
  public let table: String
  public let star: StarMapping?
  public let rules: [Rule]

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

  public func field(column: String) -> Int? { fields.firstIndex { $0.column == column } }

  /// True where the field may not be null: constrained so, or part of the key.
  public func isRequired(_ field: Int) -> Bool { fields[field].isRequired || primaryKey.contains(field) }
}
