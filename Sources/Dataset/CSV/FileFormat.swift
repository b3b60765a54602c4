/// Recognizes files that are not UTF-8 CSV (compressed files, spreadsheets, other encodings) and suggests how to convert them.
enum FileFormat {
  static let zip: [UInt8] = [0x50, 0x4B, 0x03, 0x04]
  /// The number of bytes that is enough to recognize each format, with blanks before a text's first character.
  static let maxMagicBytes = 256

  /// First bytes, format name, and the program that unpacks it to standard output.
  private static let packed: [(magic: [UInt8], name: String, program: String)] = [
    ([0x1F, 0x8B], "gzip", "gzip -dc"), ([0x28, 0xB5, 0x2F, 0xFD], "zstd", "zstd -dc"),
    ([0xFD, 0x37, 0x7A, 0x58, 0x5A], "xz", "xz -dc"), (Array("BZh".utf8), "bzip2", "bzip2 -dc"),
    ([0x04, 0x22, 0x4D, 0x18], "lz4", "lz4 -dc"),
  ]

  private static let foreign: [(magic: [UInt8], name: String)] = [
    ([0xD0, 0xCF, 0x11, 0xE0], "an old spreadsheet (xls)"), (Array("PAR1".utf8), "Parquet"),
    (Array("SQLite format 3".utf8), "an SQLite database"),
    (Array("%PDF-".utf8), "PDF"), (Array("PGDMP".utf8), "a dump of pg_dump"), (Array("PGCOPY\n".utf8), "the binary format of COPY"),
    (Array("ARROW1".utf8), "Arrow"), ([0x4F, 0x62, 0x6A, 0x01], "Avro"), ([0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C], "7z"),
    (Array("ORC".utf8) + [0x00], "ORC"),
  ]

  /// Why these first bytes of `file` are not UTF-8 CSV, or nil.
  static func formatError(_ bytes: ArraySlice<UInt8>, file: String) -> DatasetError? {
    func fault(_ name: String, _ hint: String) -> DatasetError {
      DatasetError(.data, "this is \(name), not CSV", file: file, line: 1, column: 1, hint: hint)
    }
    for (magic, name, program) in packed where bytes.starts(with: magic) { return fault(name, "unpack it: \(command(program, file))") }
    if bytes.starts(with: zip) {
      let names = String(decoding: bytes.prefix(4096), as: UTF8.self)
      // A picture may come before the names that identify the format.
      let isNamedSo = [".xlsx", ".xlsm"].contains { file.lowercased().hasSuffix($0) }
      if isNamedSo || names.contains("opendocument.spreadsheet") || names.contains("xl/") || names.contains("[Content_Types].xml") {
        let name = names.contains("opendocument") ? "a spreadsheet (ods)" : "a spreadsheet (xlsx)"
        return fault(name, "save the sheet as CSV in UTF-8")
      }
      return fault("zip", "unpack it: \(command("unzip -p", file))")
    }
    if let encoding = wideEncoding(bytes) {
      return DatasetError(
        .data, "this is \(encoding.uppercased())", file: file, line: 1, column: 1,
        hint: "convert it: \(command("iconv -f \(encoding) -t utf-8", file))")
    }
    for (magic, name) in foreign where bytes.starts(with: magic) { return fault(name, "export the rows as CSV in UTF-8") }
    // At most the number of bytes that is always available: the result must not depend on the chunks of a pipe.
    let start = bytes.prefix(maxMagicBytes).drop { $0 == 0x20 || $0 == 0x09 || $0 == 0x0A || $0 == 0x0D }
    let text = String(decoding: start.prefix(16), as: UTF8.self).lowercased()
    if text.hasPrefix("<!doctype html") || text.hasPrefix("<html") {
      return fault("a web page (HTML)", "download the file itself: its address may ask for a login")
    }
    if text.hasPrefix("<?xml") { return fault("XML", "export the rows as CSV in UTF-8") }
    let marks = start.filter { $0 > 0x20 }.prefix(2)
    if marks.elementsEqual(Array("{\"".utf8)) || marks.elementsEqual(Array("[{".utf8)) {
      return fault("JSON", "export the rows as CSV in UTF-8")
    }
    return nil
  }

  /// UTF-16 or UTF-32, recognized by its byte-order mark or by the zeros between ASCII characters; else nil.
  private static func wideEncoding(_ bytes: ArraySlice<UInt8>) -> String? {
    let head = Array(bytes.prefix(4))
    if head == [0xFF, 0xFE, 0, 0] || head == [0, 0, 0xFE, 0xFF] { return "utf-32" }
    if head.starts(with: [0xFF, 0xFE]) || head.starts(with: [0xFE, 0xFF]) { return "utf-16" }
    guard head.count == 4 else { return nil }
    if head[0] != 0, head[1] == 0, head[2] != 0, head[3] == 0 { return "utf-16le" }
    if head[0] == 0, head[1] != 0, head[2] == 0, head[3] != 0 { return "utf-16be" }
    return nil
  }

  /// How to convert a text with bytes that are not UTF-8.
  ///
  /// A wrong guess would damage the file silently. In Windows-1252 (whose letters are those of Latin-1), Western European letters, quotes and the euro sign
  /// occur alone or in pairs; longer runs are another script. A text that also has valid UTF-8 characters is UTF-8 with a fault.
  static func encodingHint(_ text: ArraySlice<UInt8>, file: String) -> String {
    var run = 0
    var longest = 0
    var isUndefined = false
    for byte in text {
      run = byte < 0x80 ? 0 : run + 1
      longest = max(longest, run)
      isUndefined = isUndefined || [0x81, 0x8D, 0x8F, 0x90, 0x9D].contains(byte)
    }
    let scalars = String(decoding: text, as: UTF8.self).unicodeScalars
    let (valid, faults) = scalars.reduce(into: (0, 0)) { counts, scalar in
      if scalar == "\u{FFFD}" { counts.1 += 1 } else if scalar.value >= 0x80 { counts.0 += 1 }
    }
    let controls = text.count { $0 < 0x20 && ![0x09, 0x0A, 0x0D].contains($0) }
    if controls > text.count / 20 { return "it is not a text file" }
    if valid > 0, valid >= faults { return "the rest of it is UTF-8: fix that character" }
    if longest > 2 || isUndefined { return "find out its encoding, then convert it: \(command("iconv -f ENCODING -t utf-8", file))" }
    return "it is most likely windows-1252, as spreadsheets write it; convert it: \(command("iconv -f windows-1252 -t utf-8", file))"
  }

  /// The error for Excel's instruction `sep=;` in place of a header, or nil.
  static func separatorLine(_ line: ArraySlice<UInt8>, file: String) -> DatasetError? {
    let text = String(decoding: line, as: UTF8.self).filter { $0 != "\"" }
    guard text.lowercased().hasPrefix("sep="), text.count <= 5 else { return nil }
    return DatasetError(
      .data, "line 1 is Excel's \(text == "sep=\t" ? "sep= and a tab" : text), not the header", file: file, line: 1, column: 1,
      hint: "leave it out: \(command("tail -n +2", file))")
  }

  /// A command line that reads `file` and writes a new file.
  static func command(_ program: String, _ file: String) -> String {
    // The source of standard input is unknown.
    if file == "standard input" { return "\(program), in the pipe before this program" }
    var target = file
    for ending in [".gz", ".zst", ".xz", ".bz2", ".lz4", ".zip"] where file.hasSuffix(ending) { target.removeLast(ending.count) }
    if target == file {
      if file.hasSuffix(".csv") { target.removeLast(4) }
      target += ".fixed.csv"
    }
    return "\(program) \(shellQuoted(file)) >\(shellQuoted(target))"
  }

  static func shellQuoted(_ text: String) -> String {
    let isPlain =
      !text.isEmpty && !text.hasPrefix("-")
      && text.utf8.allSatisfy { byte in
        byte >= 0x80 || (byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "z")) || byte &- 0x30 < 10
          || "_./-+,:@%".utf8.contains(byte)
      }
    if isPlain { return text }
    let quoted = "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    return text.hasPrefix("-") ? "./" + quoted : quoted
  }
}
