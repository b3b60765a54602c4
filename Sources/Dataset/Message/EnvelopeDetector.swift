import Support

/// Recognizes common formats of messages that are not rows of the dataset, so that the sender can be reconfigured. Called only for rejected messages.
enum EnvelopeDetector {
  // MARK: Not JSON

  /// Known formats by their first bytes.
  private static let formats: [(bytes: [UInt8], name: String)] = [
    ([0x4F, 0x62, 0x6A, 0x01], "Obj and byte 1: an Avro container file"),
    ([0xC3, 0x01], "bytes C3 01: Avro's single-object encoding"),
    ([0x1F, 0x8B], "bytes 1F 8B: gzip"),
    ([0x28, 0xB5, 0x2F, 0xFD], "bytes 28 B5 2F FD: Zstandard"),
    ([0x04, 0x22, 0x4D, 0x18], "bytes 04 22 4D 18: LZ4"),
    ([0x82, 0x53, 0x4E, 0x41, 0x50, 0x50, 0x59, 0x00], "bytes 82 and SNAPPY: Snappy"),
    ([0xFF, 0x06, 0x00, 0x00, 0x73, 0x4E, 0x61, 0x50, 0x70, 0x59], "bytes FF 06 and sNaPpY: Snappy"),
    ([0x42, 0x5A, 0x68], "BZh: bzip2"),
    ([0x50, 0x4B, 0x03, 0x04], "PK: a zip archive or an Excel workbook"),
    ([0x50, 0x41, 0x52, 0x31], "PAR1: Parquet"),
    ([0xAC, 0xED, 0x00, 0x05], "bytes AC ED: a serialized Java object"),
    ([0xFF, 0xFE], "bytes FF FE: UTF-16"),
    ([0xFE, 0xFF], "bytes FE FF: UTF-16"),
    ([0xEF, 0xBB, 0xBF], "a byte-order mark (EF BB BF)"),
    ([0x3C], "<: XML or HTML"),
    ([0x2D, 0x2D, 0x2D], "---: YAML"),
    ([0x7B, 0x27], "{': a Python dict as text"),
  ]

  /// The format that the first bytes of a non-JSON payload indicate; nil if unknown.
  static func format(_ payload: Span<UInt8>) -> String? {
    // Byte 0 is followed by the schema id in four bytes, and the value.
    if payload.count >= 5, payload[0] == 0 { return "byte 0: a Schema Registry format (Avro, Protobuf, JSON Schema)" }
    for format in formats where format.bytes.count <= payload.count {
      if format.bytes.indices.allSatisfy({ payload[$0] == format.bytes[$0] }) { return format.name }
    }
    if payload.count >= 2, payload[0] == 0x80, (2...5).contains(payload[1]) { return "byte 80: a Python pickle" }
    return nil
  }

  /// True for a JSON string whose text is an object.
  static func isEncodedTwice(_ payload: Span<UInt8>) -> Bool {
    guard case .string(let text)? = try? JSON.parse(payload) else { return false }
    guard case .object? = try? JSON.parse(Array(text.utf8).span) else { return false }
    return true
  }

  // MARK: Other objects

  /// The most names listed in a reason.
  private static let shownNames = 8

  /// Why an object is not a row.
  ///
  /// - Parameter hasKey: true if it has fields of the key.
  static func reason(_ payload: Span<UInt8>, _ resource: Resource, hasKey: Bool) -> String {
    let start = hasKey ? "no described field but the key" : "no described field"
    guard case .object(let members)? = try? JSON.parse(payload) else { return start }
    let described = Set(resource.fields.map(\.column))
    let others = members.filter { !described.contains($0.name) }
    guard !others.isEmpty else { return hasKey ? start : "an empty object: \(start)" }
    if let hint = envelope(others, described) { return "\(start): \(hint)" }
    let similar = others.compactMap { member in
      Self.similar(member.name, resource).map { "\(shown(member.name)): did you mean \($0)" }
    }
    if !similar.isEmpty { return "\(start): \(list(similar, separator: "; "))?" }
    return "\(start): \(list(others.map { shown($0.name) }))"
  }

  private static func envelope(_ members: [JSON.Member], _ described: Set<String>) -> String? {
    let names = members.map(\.name)
    if names.contains("payload"), names.contains("schema") {
      return "\(list(names.map(shown))): an envelope of Kafka Connect? value.converter.schemas.enable=false sends the payload alone"
    }
    if names.contains("after"), names.contains("before") || names.contains("op") {
      return "\(list(names.map(shown))): an envelope of Debezium? Its transform ExtractNewRecordState sends the row alone"
    }
    for member in members {
      if case .object(let inner) = member.value, inner.contains(where: { described.contains($0.name) }) {
        return "\(list(names.map(shown))): an envelope? Described fields are inside \(shown(member.name))"
      }
    }
    return nil
  }

  /// The described field that a name may mean: the same in another case, with other characters between words, or the CSV's header; else nil.
  private static func similar(_ name: String, _ resource: Resource) -> String? {
    let wanted = folded(name)
    guard !wanted.isEmpty else { return nil }
    return resource.fields.first { folded($0.column) == wanted || folded($0.header) == wanted }?.column
  }

  private static func folded(_ name: String) -> String { String(name.lowercased().filter { $0.isLetter || $0.isNumber }) }

  private static func shown(_ name: String) -> String {
    let bytes = Array(name.utf8)
    return UTF8Check.excerpt(bytes.span, 0..<bytes.count)
  }

  private static func list(_ texts: [String], separator: String = ", ") -> String {
    texts.prefix(shownNames).joined(separator: separator) + (texts.count > shownNames ? separator + "…" : "")
  }
}
