/// The CSV's format. Line ends need no property: LF, CRLF and CR are all read.
package struct Dialect: Sendable, Equatable {
  /// Whether headers are compared with their case.
  package enum HeaderCase: Sendable { case sensitive, insensitive }
  /// The schema's `fieldsMatch`: how the header must match the described columns.
  package enum HeaderMatch: Sendable {
    /// The described columns, in any order; others are skipped and reported.
    case subset
    /// The described columns and no others, in any order.
    case equal
    /// The described columns and no others, in the order of the description.
    case exact
  }

  /// Common delimiters, the most likely first.
  static let delimiters = [UInt8(ascii: ","), UInt8(ascii: ";"), 0x09, UInt8(ascii: "|")]

  /// The byte between two cells.
  package var delimiter: UInt8 = UInt8(ascii: ",")
  /// The byte around quoted cells; nil if cells are never quoted.
  package var quote: UInt8? = UInt8(ascii: "\"")
  /// The byte at the start of a comment line; nil if there are no comments.
  package var comment: UInt8?
  /// False if the file has no header line; columns are then in the order of the description.
  package var hasHeader = true
  /// True if blanks after a delimiter are ignored.
  package var skipInitialSpace = false
  /// Whether headers are compared with their case.
  package var headerCase = HeaderCase.sensitive
  /// How the header must match the described columns.
  package var headerMatch = HeaderMatch.subset

  /// RFC 4180's format with a header line.
  package init() {}
}

extension Dialect {
  /// Reads the `dialect` of a resource (CSV Dialect of version 1, Table Dialect of version 2) and the schema's `fieldsMatch`.
  init(_ dialect: DescriptorNode?, fieldsMatch: DescriptorNode?) throws(DatasetError) {
    self.init()
    if let fieldsMatch { headerMatch = try Self.headerMatch(fieldsMatch) }
    guard let dialect else { return }
    if case .string = dialect.value {
      throw dialect.unsupported("a dialect in a separate file", hint: "write it here, inside the description")
    }
    if let node = try dialect.member("delimiter") { delimiter = try Self.character(node) }
    if let node = try dialect.member("quoteChar") { quote = try Self.character(node) }
    if let node = try dialect.member("commentChar") { comment = try Self.character(node) }
    if let node = try dialect.member("header") { hasHeader = try node.boolean() }
    if let node = try dialect.member("skipInitialSpace") { skipInitialSpace = try node.boolean() }
    if let node = try dialect.member("caseSensitiveHeader") { headerCase = try node.boolean() ? .sensitive : .insensitive }
    if let node = try dialect.member("doubleQuote"), try node.boolean() == false {
      throw node.unsupported("false: a quote inside quotes is read as two quotes only", hint: "write it as \"\" in the CSV")
    }
    if let node = try dialect.member("lineTerminator") {
      guard ["\n", "\r\n", "\r"].contains(try node.string()) else {
        throw node.unsupported("lines end in LF, CRLF or CR", hint: "leave it out: each of them is read")
      }
    }
    if let node = try dialect.member("headerRows"), node.value != .array([.number("1")]) {
      throw node.unsupported("the header is the first line", hint: "leave it out")
    }
    if let node = try dialect.member("commentRows"), node.value != .array([]) {
      throw node.unsupported("this property is not supported", hint: "set \"commentChar\"")
    }
    if let type = try dialect.member("type"), try type.string() != "delimited" {
      throw type.unsupported("only delimited text is read", hint: "leave it out")
    }
    try dialect.rejectMembers("escapeChar", hint: "quote the cell, and write a quote inside it as two")
    try dialect.rejectMembers("nullSequence", hint: "put it into the schema's \"missingValues\"")
    try dialect.rejectMembers(
      "property", "itemType", "itemKeys", "sheetNumber", "sheetName", "table", hint: "only CSV is read: leave it out")
    let special: [UInt8] = [delimiter] + (quote.map { [$0] } ?? []) + (comment.map { [$0] } ?? [])
    if Set(special).count != special.count {
      throw dialect.invalid("delimiter, quoteChar and commentChar must differ")
    }
  }

  private static func headerMatch(_ node: DescriptorNode) throws(DatasetError) -> HeaderMatch {
    // Version 2 requires an array of one element; some descriptions have a string.
    let names: [DescriptorNode] = if case .array = node.value { try node.elements() } else { [node] }
    guard names.count == 1 else { throw node.invalid("must name one way to match") }
    switch try names[0].string() {
    case "exact": return .exact
    case "equal": return .equal
    case "subset": return .subset
    case let other:
      throw node.unsupported(
        "\"\(other)\": a described column must be there", hint: "exact, equal or subset (the default: others are skipped)")
    }
  }

  private static func character(_ node: DescriptorNode) throws(DatasetError) -> UInt8 {
    let text = try node.string()
    guard text.utf8.count == 1, let byte = text.utf8.first, byte < 0x80, byte != 0x0A, byte != 0x0D, byte != 0 else {
      throw node.unsupported("must be one ASCII character and not a line end", hint: "such as , ; | or \\t")
    }
    return byte
  }

  /// A header as it is compared: trimmed, with each run of blanks as one space.
  func normalizedHeader(_ header: String) -> String {
    let words = header.split { $0 == " " || $0 == "\t" || $0 == "\u{A0}" || $0.isNewline }.joined(separator: " ")
    return headerCase == .insensitive ? words.lowercased() : words
  }
}
