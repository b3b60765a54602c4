/// Infers a first description of a CSV from all of its bytes.
package enum SchemaInference {
  /// The inferred description with its notes.
  package struct Result: Sendable, Equatable {
    /// The description, as a Data Package.
    package let json: String
    /// Points to check or decide, one sentence each: for example an ambiguous date, or the chosen key.
    package let notes: [String]
    /// Rows of the file, without blank ones.
    package let rows: Int
  }

  /// Reads the CSV to its end and describes it.
  /// - Parameters:
  ///   - source: the file's path; its last part becomes the resource's path and name.
  ///   - transliterate: converts a header to Latin letters; characters that are not ASCII afterwards are left out of the column's name.
  ///   - read: as for RowReader.
  /// - Throws: DatasetError if the file is not a CSV with a header, or the error that `read` threw.
  package static func describe(
    source: String, transliterate: @escaping (String) -> String = { $0 }, read: @escaping (inout [UInt8]) throws -> Int
  ) throws -> Result {
    let candidates = TypeCandidate.all()
    var head = try DialectSniffer(source: source, candidates: candidates, read: read)
    let fields = head.headers.enumerated().map { index, header in
      Field(header: header.isEmpty ? "column \(index + 1)" : header, column: "column_\(index)", type: .string, missingValues: [])
    }
    var dialect = Dialect()
    dialect.delimiter = head.delimiter
    dialect.skipInitialSpace = head.skipsSpace
    // The header is read as a row, since not every column has one.
    dialect.hasHeader = false
    let resource = Resource(name: "described", path: source, dialect: dialect, fields: fields)
    // Everything is read again, with the detected delimiter.
    var replay = head.takeBytes()[...]
    var reader = RowReader(resource: resource, source: source) { chunk in
      if replay.isEmpty { return try read(&chunk) }
      let count = min(chunk.count, replay.count)
      chunk.replaceSubrange(..<count, with: replay.prefix(count))
      replay = replay.dropFirst(count)
      return count
    }
    var profiles = head.headers.enumerated().map {
      ColumnProfile(header: $1, isFirst: $0 == 0, delimiter: head.delimiter, candidates: candidates)
    }
    var row = Row()
    var rows = 0
    var blank = 0
    // The text of the first row that is not ASCII, to guess the encoding.
    var beyondASCII: [UInt8] = []
    _ = try reader.next(into: &row)
    loop: while true {
      switch try reader.next(into: &row) {
      case .row:
        rows += 1
        let text = row.text
        for index in profiles.indices { profiles[index].add(text.span, row.cells[index].range, line: reader.line) }
        if beyondASCII.isEmpty, text.contains(where: { $0 >= 0x80 }) { beyondASCII = text }
      case .blank: blank += 1
      case .rejected(let rejected):
        var hint = "fix the file first, then describe it"
        if rejected.reason.kind == .invalidUTF8 { hint = FileFormat.encodingHint((beyondASCII + rejected.original)[...], file: source) }
        throw DatasetError(.data, rejected.reason.text, file: source, line: rejected.line, column: rejected.column, hint: hint)
      case .end: break loop
      }
    }
    var notes = blank > 0 ? [RowReader.blankNote(blank, source: source)] : []
    var named: [ColumnProfile] = []
    for (index, profile) in profiles.enumerated() {
      if !profile.header.isEmpty {
        named.append(profile)
      } else if rows > 0, profile.firstLine == nil {
        notes.append("column \(index + 1) has neither a header nor values: it is left out")
      } else if index == 0, profiles.count > 1 {
        notes.append("column 1 has no header, as an index that pandas or R writes: it is left out")
      } else {
        throw DatasetError(
          .data, "column \(index + 1) has no header", file: source, line: 1, column: 1, hint: "name it in the file's first line")
      }
    }
    let writer = DataPackageWriter(
      source: source, dialect: dialect, profiles: named, isPartial: named.count < profiles.count, rows: rows, transliterate: transliterate)
    return writer.result(notes)
  }
}
