import JSONText

/// Writes rows of named columns in one of the formats, by calling a function with the text.
struct ExportWriter {
  let format: ExportFormat
  let columns: [String]
  /// In CSV: escape text that a spreadsheet would read as a formula.
  let safeCells: Bool
  let write: (String) throws -> Void
  private(set) var rows = 0

  init(format: ExportFormat, columns: [String], safeCells: Bool, write: @escaping (String) throws -> Void) throws {
    self.format = format
    self.columns = columns
    self.safeCells = safeCells
    self.write = write
    switch format {
    case .csv: try write(columns.map(quoted).joined(separator: ",") + "\n")
    case .json: try write("[")
    }
  }

  mutating func add(_ values: [ExportValue]) throws {
    switch format {
    case .csv: try write(values.map(csv).joined(separator: ",") + "\n")
    case .json:
      let members = zip(columns, values).map { "\(JSONString.quoted($0)):\(Self.json($1))" }
      try write((rows == 0 ? "\n" : ",\n") + "{\(members.joined(separator: ","))}")
    }
    rows += 1
  }

  func finish() throws {
    if format == .json { try write("\n]\n") }
  }

  private func csv(_ value: ExportValue) -> String {
    switch value {
    case .null: ""
    case .number(let text): text
    case .boolean(let value): value ? "true" : "false"
    case .text(let text): text.isEmpty ? "\"\"" : quoted(text)
    }
  }

  private static func json(_ value: ExportValue) -> String {
    switch value {
    case .null: "null"
    case .number(let text): text
    case .boolean(let value): value ? "true" : "false"
    case .text(let text): JSONString.quoted(text)
    }
  }

  private func quoted(_ text: String) -> String {
    let text = safeCells ? text.safeCell : text
    guard text.utf8.contains(where: { $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "\"") || $0 == 10 || $0 == 13 }) else { return text }
    return "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
  }
}

extension String {
  /// The text for a spreadsheet: with a leading apostrophe if it would be read as a formula; numbers are unchanged.
  public var safeCell: String {
    guard let first = utf8.first, "=+-@\t\r".utf8.contains(first), wholeMatch(of: /[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?/) == nil else {
      return self
    }
    return "'" + self
  }
}
