extension Verification {
  /// Lines for a terminal: one per difference, then a summary.
  public var lines: [String] {
    var lines = differences.map(\.text)
    if differenceCount > differences.count { lines.append("… and \(grouped(differenceCount - differences.count)) more") }
    if !lines.isEmpty { lines.append("") }
    let replaced = superseded == 0 ? "" : " (\(grouped(superseded)) replaced by a later row of the same key)"
    let compared = "\(place): \(counted(rows, "row"))\(replaced)"
    lines.append(
      holds
        ? "\(compared), all as in \(table)" : "\(compared), \(grouped(landed)) in \(table): \(counted(differenceCount, "difference"))")
    return lines
  }

  /// `{"csv","table","rows","superseded","landed","equal","differences","first":[…]}`.
  public var json: JSON {
    .object([
      ("csv", .string(place)), ("table", .string(table)), ("rows", .integer(rows)), ("superseded", .integer(superseded)),
      ("landed", .integer(landed)), ("equal", .bool(holds)), ("differences", .integer(differenceCount)),
      ("first", .array(differences.map(\.json))),
    ])
  }
}

extension Verification.Difference {
  var text: String {
    func value(_ text: String?) -> String { text ?? "NULL" }
    func at(_ line: Int?) -> String { line.map { " (line \($0))" } ?? "" }
    return switch self {
    case .missing(let key, let line): "\(key)\(at(line)): has not landed"
    case .extra(let key): "\(key): landed, but is not in the CSV"
    case .cell(let key, let line, let column, let csv, let landed):
      "\(key)\(at(line)): \(column) is \(value(csv)) in the CSV, \(value(landed)) in the table"
    case .count(let row, let csv, let landed): "\(row): \(csv) in the CSV, \(landed) in the table"
    case .bad(let line, let column, let reason): "line \(line), column \(column): is no row: \(reason)"
    }
  }

  var json: JSON {
    func number(_ line: Int?) -> JSON { line.map { .integer($0) } ?? .null }
    return switch self {
    case .missing(let key, let line): .object([("kind", .string("missing")), ("key", .string(key)), ("line", number(line))])
    case .extra(let key): .object([("kind", .string("extra")), ("key", .string(key))])
    case .cell(let key, let line, let column, let csv, let landed):
      .object([
        ("kind", .string("cell")), ("key", .string(key)), ("line", number(line)), ("column", .string(column)), ("csv", .text(csv)),
        ("landed", .text(landed)),
      ])
    case .count(let row, let csv, let landed):
      .object([("kind", .string("count")), ("row", .string(row)), ("csv", .integer(csv)), ("landed", .integer(landed))])
    case .bad(let line, let column, let reason):
      .object([("kind", .string("bad")), ("line", .integer(line)), ("column", .integer(column)), ("reason", .string(reason))])
    }
  }
}
