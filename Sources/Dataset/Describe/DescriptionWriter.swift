/// Writes what was guessed as a Data Package that `frictionless validate` and our own reader take.
struct DescriptionWriter {
  let source: String
  let delimiter: UInt8
  let guesses: [ColumnGuess]
  let rows: Int

  func result() -> Describe.Result {
    var notes: [String] = []
    if rows == 0 { notes.append("the file has no rows: every field is left a string") }
    var fields: [String] = []
    var key: ColumnGuess?
    var columns: Set<String> = []
    for guess in guesses {
      let (type, note) = guess.decision()
      if let note { notes.append(note) }
      fields.append(field(guess, type, column: Self.freeColumn(guess.header, &columns)))
      if key == nil, guess.isKey { key = guess }
    }
    if let key {
      notes.append("the key is \"\(key.header)\": no value is missing and none is there twice in \(rows) rows")
    } else {
      notes.append("no column has a value of its own in every row: there is no key, and rows are appended")
    }
    let file = source.split(separator: "/").last.map(String.init) ?? source
    let path = file == "-" || file.isEmpty ? "data.csv" : file
    let name = Self.slug(path)
    var lines = ["{", "  \"name\": \(Self.quoted(name)),", "  \"resources\": [", "    {"]
    lines.append("      \"name\": \(Self.quoted(name)),")
    lines.append("      \"path\": \(Self.quoted(path)),")
    lines += ["      \"format\": \"csv\",", "      \"encoding\": \"utf-8\","]
    if delimiter != UInt8(ascii: ",") {
      lines.append("      \"dialect\": {\"delimiter\": \(Self.quoted(String(decoding: [delimiter], as: UTF8.self)))},")
    }
    lines += ["      \"topic\": \(Self.quoted(name)),", "      \"table\": \(Self.quoted(Self.table(name))),"]
    lines += ["      \"schema\": {", "        \"fields\": ["]
    lines.append(fields.map { "          \($0)" }.joined(separator: ",\n"))
    lines.append("        ]\(key == nil ? "" : ",")")
    if let key { lines.append("        \"primaryKey\": \(Self.quoted(key.header))") }
    lines += ["      }", "    }", "  ]", "}", ""]
    return Describe.Result(json: lines.joined(separator: "\n"), notes: notes, rows: rows)
  }

  private func field(_ guess: ColumnGuess, _ type: FieldType, column: String) -> String {
    var members = ["\"name\": \(Self.quoted(guess.header))", "\"type\": \"\(type.name)\""]
    switch type {
    case .date(.pattern(let pattern)), .datetime(.pattern(let pattern)), .time(.pattern(let pattern)):
      members.append("\"format\": \(Self.quoted(pattern.source))")
    case .number(let format):
      if format.decimalChar != "." { members.append("\"decimalChar\": \(Self.quoted(format.decimalChar))") }
      if let group = format.groupChar { members.append("\"groupChar\": \(Self.quoted(group))") }
      members.append("\"decimals\": \(min(guess.decimals(format), 18))")
    case .boolean(let format):
      members.append("\"trueValues\": [\(format.trueValues.map(Self.quoted).joined(separator: ", "))]")
      members.append("\"falseValues\": [\(format.falseValues.map(Self.quoted).joined(separator: ", "))]")
    default: break
    }
    members.append("\"column\": \(Self.quoted(column))")
    if type != .string, !guess.missing.isEmpty {
      let words = guess.missing.map { Self.quoted(String(decoding: $0, as: UTF8.self)) }
      members.append("\"missingValues\": [\((["\"\""] + words).joined(separator: ", "))]")
    }
    return "{\(members.joined(separator: ", "))}"
  }

  /// A column name that fits an SQL identifier and that no other column has.
  private static func freeColumn(_ header: String, _ taken: inout Set<String>) -> String {
    let base = String(Field.columnName(from: header).prefix(56))
    var name = (Resource.lineageColumns + Resource.systemColumns).contains(base) ? "\(base)_" : base
    var number = 2
    while !taken.insert(name).inserted {
      name = "\(base)_\(number)"
      number += 1
    }
    return name
  }

  /// What the standard and Kafka allow in a name: the file's without its extension, in lower case.
  private static func slug(_ path: String) -> String {
    let stem = path.lastIndex(of: ".").map { path[..<$0] } ?? path[...]
    var name = ""
    for scalar in stem.lowercased().unicodeScalars {
      let isPlain = ("a"..."z").contains(scalar) || ("0"..."9").contains(scalar) || "-_.".unicodeScalars.contains(scalar)
      name.unicodeScalars.append(isPlain ? scalar : "-")
    }
    return name.allSatisfy { $0 == "." || $0 == "-" } ? "data" : String(name.prefix(200))
  }

  private static func table(_ name: String) -> String { String(Field.columnName(from: name).prefix(59)) + "_raw" }

  private static func quoted(_ text: String) -> String {
    var bytes: [UInt8] = []
    JSONWriter.appendString(text, to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }
}
