/// One described CSV.
package struct Resource: Sendable, Equatable {
  /// The resource's name in the description.
  package let name: String
  /// A human-readable title, if the description has one.
  package let title: String?
  /// The CSV's path, relative to the description.
  package let path: String
  /// The CSV's format.
  package let dialect: Dialect
  /// The described columns, in the order of the description.
  package let fields: [Field]
  /// Indexes into `fields`; empty if rows have no key.
  package let primaryKey: [Int]
  /// The Kafka topic: described, or derived from the name.
  package let topic: String
  /// The Postgres table: described, or derived from the name.
  package let table: String
  /// The mapping to a star schema, if described.
  package let star: StarMapping?
  /// Rules between rows or columns.
  package let rules: [Rule]

  /// Creates a resource; the parameters are the properties above.
  package init(
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
  package func field(column: String) -> Int? { fields.firstIndex { $0.column == column } }

  /// True if the field must not be null: it is constrained as required, or part of the key.
  package func isRequired(_ field: Int) -> Bool { fields[field].isRequired || primaryKey.contains(field) }
}

extension Resource {
  /// Columns that the consumer adds to each row.
  static let lineageColumns = ["kafka_topic", "kafka_partition", "kafka_offset", "landed_at"]
  /// System columns of every Postgres table; their names are reserved.
  static let systemColumns = ["tableoid", "xmin", "cmin", "xmax", "cmax", "ctid"]
  /// A Postgres table has at most 1600 columns, and four of them are the lineage.
  static let maxFields = 1600 - lineageColumns.count

  init(_ node: DescriptorNode) throws(DatasetError) {
    let name = try node.required("name").name()
    try node.rejectMembers("data", hint: "put the rows into a CSV file and name it as \"path\"")
    try node.rejectMembers("compression", hint: "unpack the file; standard input (-) takes a pipe")
    try node.rejectMembers("extrapaths", "innerpath", hint: "give each file a resource, unpacked")
    try Self.checkFormat(node)
    let schema = try node.required("schema", hint: "`netflix describe FILE.csv` prints one")
    if case .string = schema.value {
      throw schema.unsupported("a schema in a separate file", hint: "write it here, inside the description")
    }
    try schema.rejectMembers(
      "foreignKeys", "uniqueKeys", hint: "leave it out, or write it as a rule; docs/dataset.md lists the supported properties")

    var missing = [""]
    if let node = try schema.member("missingValues") { missing = try Field.missingValues(node) }
    var fields: [Field] = []
    let fieldNodes = try schema.required("fields").elements()
    if fieldNodes.isEmpty { throw schema.invalid("\"fields\" is empty") }
    if fieldNodes.count > Self.maxFields {
      throw schema.invalid(
        "\(fieldNodes.count) fields, and a table has room for \(Self.maxFields)", hint: "leave out those that you do not need")
    }
    let dialect = try Dialect(node.member("dialect"), fieldsMatch: schema.member("fieldsMatch"))
    for fieldNode in fieldNodes {
      let field = try Field(fieldNode, missingValues: missing)
      try Self.checkAgainst(fields, field, fieldNode, dialect)
      fields.append(field)
    }

    let topic = try node.member("topic")
    let table = try node.member("table")
    let star: StarMapping? = if let starNode = try node.member("star") { try StarMapping(starNode, fields: fields) } else { nil }
    let key = try Self.primaryKey(schema, fields)
    self.init(
      name: name, title: try node.member("title")?.string(), path: try Self.path(node), dialect: dialect, fields: fields, primaryKey: key,
      topic: try topic?.string() ?? name, table: try table?.name(), star: star,
      rules: try Rule.read(node.member("rules"), fields: fields, primaryKey: key, star: star))
    let topicNode = topic ?? node
    let isLegal = self.topic.utf8.allSatisfy { "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-".utf8.contains($0) }
    if !isLegal || self.topic.isEmpty || self.topic.utf8.count > 249 || self.topic == "." || self.topic == ".." {
      throw topicNode.invalid(
        "\"\(self.topic)\" is not a valid topic name", hint: "letters, digits, . _ and -, at most 249; set \"topic\"")
    }
  }

  private static func path(_ node: DescriptorNode) throws(DatasetError) -> String {
    let path = try node.required("path")
    guard case .array = path.value else { return try path.name() }
    let parts = try path.elements()
    guard parts.count == 1 else { throw path.unsupported("a resource in several files", hint: "give each file a resource, or join them") }
    return try parts[0].name()
  }

  private static func checkFormat(_ node: DescriptorNode) throws(DatasetError) {
    if let format = try node.member("format"), try format.string().lowercased() != "csv" {
      throw format.unsupported("\"\(try format.string())\": only csv is read", hint: "for another delimiter set \"dialect\"")
    }
    if let encoding = try node.member("encoding") {
      let name = try encoding.string().lowercased()
      guard ["utf-8", "utf8", "us-ascii", "ascii"].contains(name) else {
        throw encoding.unsupported("\"\(name)\": only UTF-8 is read", hint: "convert the file: iconv -f \(name) -t utf-8")
      }
    }
    if let profile = try node.member("profile") {
      let name = try profile.string()
      guard name == "tabular-data-resource" || name == "data-resource" || name.contains("://") else {
        throw profile.unsupported("\"\(name)\" is not a table", hint: "write \"tabular-data-resource\"")
      }
    }
    if let type = try node.member("type"), try type.string() != "table" {
      throw type.unsupported("\"\(try type.string())\": only table is read", hint: "leave it out")
    }
  }

  private static func checkAgainst(_ fields: [Field], _ field: Field, _ node: DescriptorNode, _ dialect: Dialect) throws(DatasetError) {
    if let other = fields.first(where: { dialect.normalizedHeader($0.header) == dialect.normalizedHeader(field.header) }) {
      throw node.invalid(
        "\"\(field.header)\" and \"\(other.header)\" are the same header once blanks are folded", hint: "rename one, in the CSV too")
    }
    if fields.contains(where: { $0.column == field.column }) {
      throw node.invalid("a second field has the column name \"\(field.column)\"", hint: "give this field another \"column\"")
    }
    if lineageColumns.contains(field.column) {
      throw node.invalid("\"\(field.column)\" is a column that netflix-consumer adds", hint: "give this field another \"column\"")
    }
    if systemColumns.contains(field.column) {
      throw node.invalid("\"\(field.column)\" is a system column of every Postgres table", hint: "give this field another \"column\"")
    }
  }

  private static func primaryKey(_ schema: DescriptorNode, _ fields: [Field]) throws(DatasetError) -> [Int] {
    guard let node = try schema.member("primaryKey") else { return [] }
    let names: [DescriptorNode] = if case .array = node.value { try node.elements() } else { [node] }
    var key: [Int] = []
    for nameNode in names {
      let name = try nameNode.string()
      guard let index = fields.firstIndex(where: { $0.header == Field.trimmed(name) }) else {
        throw nameNode.invalid("there is no field \"\(name)\"", hint: "set primaryKey to the names of fields")
      }
      if key.contains(index) { throw nameNode.invalid("\"\(name)\" appears twice") }
      key.append(index)
    }
    return key
  }
}
