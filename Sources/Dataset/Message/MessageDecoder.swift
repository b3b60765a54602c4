/// Reads messages as rows: any valid JSON spelling of the messages that MessageEncoder writes, and any other flat object of the described fields.
///
/// Constraints are checked as for a CSV. For a duplicate name the last value counts; undeclared names are skipped and recorded. A message without
/// described fields outside the key is not a row of this dataset (``EnvelopeDetector`` suggests what it may be).
package struct MessageDecoder {
  /// The description of the rows.
  package let resource: Resource
  /// Undeclared names, the first 16.
  package private(set) var unknownFields: [String] = []
  /// Skipped values with undeclared names.
  package private(set) var unknownCount = 0

  private let parsers: [JSONFieldParser]
  private let fastPath: JSONFastPath
  private let fieldOfName: [[UInt8]: Int]
  /// True if all fields of the dataset belong to the key.
  private let hasOnlyKey: Bool
  private var name: [UInt8] = []
  private var scratch: [UInt8] = []

  /// Creates a decoder for rows of `resource`.
  package init(resource: Resource) {
    self.resource = resource
    parsers = resource.fields.indices.map { JSONFieldParser(field: resource.fields[$0], isKey: resource.primaryKey.contains($0)) }
    fastPath = JSONFastPath(resource)
    var fields: [[UInt8]: Int] = [:]
    for (index, field) in resource.fields.enumerated() { fields[Array(field.column.utf8)] = index }
    fieldOfName = fields
    hasOnlyKey = resource.fields.indices.allSatisfy { resource.primaryKey.contains($0) }
  }

  /// Reads one message's value into `row`, whose memory is reused. Throws the RejectReason of a message that is not a valid row.
  package mutating func decode(_ payload: Span<UInt8>, into row: inout Row) throws(RejectReason) {
    if row.cells.count != parsers.count { row.clear(count: parsers.count) }
    if fastPath.read(payload, into: &row, parsers, scratch: &scratch) { return }
    try decodeAny(payload, into: &row)
  }

  /// The general path: reads any JSON, in any order and spelling.
  mutating func decodeAny(_ payload: Span<UInt8>, into row: inout Row) throws(RejectReason) {
    row.clear(count: parsers.count)
    for index in row.cells.indices { row.cells[index] = .null }
    let unknownBefore = unknownCount
    var seen = [Bool](repeating: false, count: parsers.count)
    var faults = [RejectReason?](repeating: nil, count: parsers.count)
    do throws(JSONSyntaxError) {
      try readObject(payload, into: &row, &seen, &faults)
    } catch {
      throw Self.reason(error, payload)
    }
    for index in parsers.indices where seen[index] {
      if let fault = faults[index] { throw fault }
      if row.cells[index].kind == .null, parsers[index].validator.isRequired { throw parsers[index].missing(wasThere: true) }
    }
    let isDescribed = seen.indices.contains { seen[$0] && (hasOnlyKey || !parsers[$0].validator.isKey) }
    let hasKey = seen.contains(true)
    // If other fields indicate what the message may be, that reason comes first.
    if !isDescribed, !hasKey || unknownCount > unknownBefore {
      throw RejectReason(.noField, EnvelopeDetector.reason(payload, resource, hasKey: hasKey))
    }
    for index in parsers.indices where !seen[index] && parsers[index].validator.isRequired { throw parsers[index].missing(wasThere: false) }
    guard isDescribed else { throw RejectReason(.noField, EnvelopeDetector.reason(payload, resource, hasKey: hasKey)) }
  }

  private mutating func readObject(
    _ payload: Span<UInt8>, into row: inout Row, _ seen: inout [Bool], _ faults: inout [RejectReason?]
  ) throws(JSONSyntaxError) {
    var at = 0
    JSONScanner.skipBlanks(payload, &at)
    guard at < payload.count else { throw JSONSyntaxError(offset: at, message: "it is empty") }
    guard payload[at] == UInt8(ascii: "{") else {
      try JSONScanner.skipValue(payload, &at, scratch: &scratch)
      try Self.expectEnd(payload, &at)
      throw JSONSyntaxError(offset: -1, message: "")
    }
    at += 1
    JSONScanner.skipBlanks(payload, &at)
    if at < payload.count, payload[at] == UInt8(ascii: "}") {
      at += 1
      return try Self.expectEnd(payload, &at)
    }
    while true {
      try JSONScanner.readName(payload, &at, into: &name)
      if let field = fieldOfName[name] {
        seen[field] = true
        faults[field] = nil
        do throws(JSONFieldParser.ParseError) {
          row.cells[field] = try parsers[field].read(payload, &at, into: &row.text, scratch: &scratch)
        } catch {
          switch error {
          case .json(let fault): throw fault
          case .reject(let reason): faults[field] = reason
          }
        }
      } else {
        noteUnknown()
        try JSONScanner.skipValue(payload, &at, scratch: &scratch)
      }
      JSONScanner.skipBlanks(payload, &at)
      guard at < payload.count else { throw JSONSyntaxError(offset: at, message: "the object is not closed") }
      let byte = payload[at]
      guard byte == UInt8(ascii: ",") || byte == UInt8(ascii: "}") else {
        throw JSONSyntaxError(offset: at, message: "a comma or } is missing")
      }
      at += 1
      if byte == UInt8(ascii: "}") { return try Self.expectEnd(payload, &at) }
      JSONScanner.skipBlanks(payload, &at)
    }
  }

  private static func expectEnd(_ payload: Span<UInt8>, _ at: inout Int) throws(JSONSyntaxError) {
    JSONScanner.skipBlanks(payload, &at)
    guard at == payload.count else { throw JSONSyntaxError(offset: at, message: "text after the end of the value") }
  }

  private mutating func noteUnknown() {
    unknownCount += 1
    guard unknownFields.count < 16 else { return }
    let text = UTF8Check.excerpt(name.span, 0..<name.count)
    if !unknownFields.contains(text) { unknownFields.append(text) }
  }

  private static func reason(_ fault: JSONSyntaxError, _ payload: Span<UInt8>) -> RejectReason {
    if fault.offset < 0 {
      let text = "JSON, but not an object: \(UTF8Check.excerpt(payload, 0..<payload.count))"
      return RejectReason(.notAnObject, EnvelopeDetector.isEncodedTwice(payload) ? "\(text): an object that was encoded twice?" : text)
    }
    if let format = EnvelopeDetector.format(payload) { return RejectReason(.notJSON, "begins with \(format), not JSON") }
    if fault.isEncoding { return RejectReason(.invalidUTF8, "\(fault.message), at byte \(fault.offset + 1)") }
    return RejectReason(.notJSON, "not JSON: \(fault.message), at byte \(fault.offset + 1)")
  }
}
