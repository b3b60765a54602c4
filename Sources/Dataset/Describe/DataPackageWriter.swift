import Support

/// Writes the inferred schema as a Data Package that `frictionless validate` and our reader accept.
struct DataPackageWriter {
  let source: String
  let dialect: Dialect
  let profiles: [ColumnProfile]
  /// True if the file has further columns.
  let isPartial: Bool
  let rows: Int
  let transliterate: (String) -> String

  func result(_ noted: [String]) -> SchemaInference.Result {
    var notes = noted
    if rows == 0 { notes.append("the file has no rows: every field is left a string") }
    var fields: [String] = []
    var key: ColumnProfile?
    var columns: Set<String> = []
    for (index, profile) in profiles.enumerated() {
      let decision = profile.decision()
      notes += decision.notes
      var column = Field.columnName(from: latin(profile.header))
      if !Field.isUsable(column: column) {
        column = "column_\(index + 1)"
        notes.append("\"\(profile.header)\" has no letter or digit to name a column by: it is called \(column)")
      }
      fields.append(field(profile, decision, column: Self.freeColumn(column, &columns)))
      if key == nil, decision.isKey { key = profile }
    }
    if let key {
      notes.append("the key is \"\(key.header)\": no value is missing or repeated in \(counted(rows, "row"))")
    } else if rows < 2 {
      notes.append("\(rows == 0 ? "without rows" : "from one row") no key can be determined: rows are appended")
    } else {
      notes.append("no column has a different value in every row: there is no key, and rows are appended")
    }
    let file = source.split(separator: "/").last.map(String.init) ?? source
    let path = file == "-" || file.isEmpty ? "data.csv" : file
    let name = Self.slug(path)
    var lines = ["{", "  \"name\": \(JSONString.quoted(name)),", "  \"resources\": [", "    {"]
    lines.append("      \"name\": \(JSONString.quoted(name)),")
    lines.append("      \"path\": \(JSONString.quoted(path)),")
    lines += ["      \"format\": \"csv\",", "      \"encoding\": \"utf-8\","]
    var members: [String] = []
    if dialect.delimiter != UInt8(ascii: ",") {
      members.append("\"delimiter\": \(JSONString.quoted(String(decoding: [dialect.delimiter], as: UTF8.self)))")
    }
    if dialect.skipInitialSpace { members.append("\"skipInitialSpace\": true") }
    if !members.isEmpty { lines.append("      \"dialect\": {\(members.joined(separator: ", "))},") }
    lines += ["      \"topic\": \(JSONString.quoted(name)),", "      \"table\": \(JSONString.quoted(Self.table(name))),"]
    lines.append("      \"schema\": {")
    if isPartial { lines.append("        \"fieldsMatch\": \"subset\",") }
    lines.append("        \"fields\": [")
    lines.append(fields.map { "          \($0)" }.joined(separator: ",\n"))
    lines.append("        ]\(key == nil ? "" : ",")")
    if let key { lines.append("        \"primaryKey\": \(JSONString.quoted(key.header))") }
    lines += ["      }", "    }", "  ]", "}", ""]
    return SchemaInference.Result(json: lines.joined(separator: "\n"), notes: notes, rows: rows)
  }

  /// The header transliterated to ASCII as far as possible.
  private func latin(_ header: String) -> String {
    if header.utf8.allSatisfy({ $0 < 0x80 }) { return header }
    let text = transliterate(header)
    // A remaining letter, such as an Arabic modifier, is not a gap between two words.
    return text == header ? header : String(String.UnicodeScalarView(text.unicodeScalars.filter { $0.isASCII }))
  }

  private func field(_ profile: ColumnProfile, _ decision: ColumnProfile.Decision, column: String) -> String {
    let type = decision.type
    var members = ["\"name\": \(JSONString.quoted(profile.header))", "\"type\": \"\(type.name)\""]
    switch type {
    case .date(.pattern(let pattern)), .datetime(.pattern(let pattern)), .time(.pattern(let pattern)):
      members.append("\"format\": \(JSONString.quoted(pattern.source))")
    case .number(let format):
      members += Self.members(format)
      members.append("\"decimals\": \(min(decision.decimals, 18))")
    case .boolean(let format):
      members.append("\"trueValues\": [\(format.trueValues.map(JSONString.quoted).joined(separator: ", "))]")
      members.append("\"falseValues\": [\(format.falseValues.map(JSONString.quoted).joined(separator: ", "))]")
    default: break
    }
    members.append("\"column\": \(JSONString.quoted(column))")
    if type != .string, !profile.missing.isEmpty {
      let words = profile.missing.map { JSONString.quoted(String(decoding: $0.word, as: UTF8.self)) }
      members.append("\"missingValues\": [\((["\"\""] + words).joined(separator: ", "))]")
    }
    return "{\(members.joined(separator: ", "))}"
  }

  static func members(_ format: NumberFormat) -> [String] {
    var members: [String] = []
    if format.decimalChar != "." { members.append("\"decimalChar\": \(JSONString.quoted(format.decimalChar))") }
    if let group = format.groupChar { members.append("\"groupChar\": \(JSONString.quoted(group))") }
    return members
  }

  /// A column name that fits an SQL identifier and that no other column has.
  private static func freeColumn(_ column: String, _ taken: inout Set<String>) -> String {
    let base = String(column.prefix(56))
    var name = (Resource.lineageColumns + Resource.systemColumns).contains(base) ? "\(base)_" : base
    var number = 2
    while !taken.insert(name).inserted {
      name = "\(base)_\(number)"
      number += 1
    }
    return name
  }

  /// A name that the standard and Kafka allow: the file's name without its extension, in lower case.
  private static func slug(_ path: String) -> String {
    let stem = path.lastIndex(of: ".").map { path[..<$0] } ?? path[...]
    var name = ""
    for scalar in stem.lowercased().unicodeScalars {
      let isPlain = ("a"..."z").contains(scalar) || ("0"..."9").contains(scalar) || "-_.".unicodeScalars.contains(scalar)
      name.unicodeScalars.append(isPlain ? scalar : "-")
    }
    return name.allSatisfy { $0 == "." || $0 == "-" } ? "data" : String(name.prefix(200))
  }

  private static func table(_ name: String) -> String {
    let table = Field.columnName(from: name)
    return (Field.isUsable(column: table) ? String(table.prefix(59)) : "data") + "_raw"
  }
}
