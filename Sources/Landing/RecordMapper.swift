import Dataset
import Support

/// Converts messages to the rows of a batch, or to rejects with a reason.
struct RecordMapper {
  private var decoder: MessageDecoder
  private var keyDecoder: KeyDecoder?
  private(set) var row = Row()
  private let encoder: RowEncoder
  private let tombstones: SinkOptions.Tombstones
  private var reportedUnknownFields = 0

  init(_ resource: Resource, schema: TableSchema, options: SinkOptions) throws(SinkError) {
    decoder = MessageDecoder(resource: resource)
    tombstones = options.tombstones
    if tombstones == .delete {
      keyDecoder = KeyDecoder(resource)
      if keyDecoder == nil {
        throw SinkError(
          .configuration, "--tombstones delete: the description has no primary key", hint: "leave out --tombstones delete")
      }
    }
    encoder = RowEncoder(types: schema.types, topic: options.topic, isDeletable: tombstones == .delete)
  }

  /// Names of fields in the messages since the last call that the description does not declare, each once.
  mutating func takeUnknownFields() -> [String] {
    defer { reportedUnknownFields = decoder.unknownFields.count }
    return Array(decoder.unknownFields.dropFirst(reportedUnknownFields))
  }

  /// Appends one message to a batch as a row or a reject; in isolation mode with its key and payload.
  ///
  /// - Parameter forcedReason: reject the message with this reason.
  mutating func append(_ record: SinkRecord, to batch: Batch, rejects: RejectRowEncoder, forcedReason: String? = nil) {
    let start = batch.rows.count
    batch.counts.received += 1
    batch.counts.bytes += (record.key?.count ?? 0) + (record.payload?.count ?? 0)
    do {
      if let forcedReason { throw RejectReason(.constraint, forcedReason) }
      let isTombstone = try encode(record, into: batch.rows)
      if isTombstone { batch.counts.deleted += 1 } else { batch.counts.landed += 1 }
      if batch.isIsolating {
        batch.retain(
          partition: record.partition, offset: record.offset, isTombstone: isTombstone, row: start..<batch.rows.count, key: record.key,
          payload: record.payload)
      }
    } catch {
      batch.counts.rejected += 1
      let reason = (error as? RejectReason)?.text ?? "\(error)"
      rejects.append(
        partition: record.partition, offset: record.offset, key: record.key, payload: record.payload, reason: reason, to: batch.rejects)
    }
  }

  /// Appends the row of a message and leaves it in `row`.
  ///
  /// - Returns: whether the message is a tombstone, whose row is to be deleted.
  /// - Throws: the reason why the record is rejected.
  mutating func encode(_ record: SinkRecord, into rows: BinaryCopyBuffer) throws(RejectReason) -> Bool {
    let isTombstone = try decode(record)
    if let reason = encoder.append(row, partition: record.partition, offset: record.offset, isTombstone: isTombstone, to: rows) {
      throw RejectReason(.outOfRange, reason)
    }
    return isTombstone
  }

  private mutating func decode(_ record: SinkRecord) throws(RejectReason) -> Bool {
    if let payload = record.payload {
      try decoder.decode(
        UnsafeBufferPointer(start: payload.baseAddress?.assumingMemoryBound(to: UInt8.self), count: payload.count).span, into: &row)
      return false
    }
    guard keyDecoder != nil else {
      throw RejectReason(.notJSON, "a tombstone: the message has no payload; with --tombstones delete it deletes the row of its key")
    }
    guard let key = record.key else { throw RejectReason(.key, "a tombstone without a key") }
    try keyDecoder?.decode(key, into: &row)
    return true
  }
}

/// Decodes the key of a tombstone into the key columns of the row to delete.
///
/// A key of one column is the text of the value; a key of several columns is the JSON array of the values. Both are decoded as the JSON
/// object that a message's payload would be.
struct KeyDecoder {
  private let resource: Resource
  private let fieldCount: Int
  private var decoder: MessageDecoder
  private let names: [[UInt8]]
  private let isQuoted: Bool
  private var keyRow = Row()

  init?(_ resource: Resource) {
    guard !resource.primaryKey.isEmpty else { return nil }
    self.resource = resource
    fieldCount = resource.fields.count
    let fields = resource.primaryKey.map { resource.fields[$0] }
    decoder = MessageDecoder(
      resource: Resource(name: resource.name, path: resource.path, fields: fields, primaryKey: Array(fields.indices)))
    names = fields.map { Self.quoted(Array($0.column.utf8)) }
    isQuoted =
      switch fields[0].type {
      case .integer, .number, .boolean, .year: false
      case .string, .date, .datetime, .time: true
      }
  }

  /// Decodes the key into the primary key's cells of `row`; all other cells become NULL.
  mutating func decode(_ key: UnsafeRawBufferPointer, into row: inout Row) throws(RejectReason) {
    var object: [UInt8] = [UInt8(ascii: "{")]
    if names.count == 1 {
      object += names[0] + [UInt8(ascii: ":")] + (isQuoted ? Self.quoted(Array(key)) : Array(key))
    } else {
      guard let parts = Self.elements(of: Array(key)), parts.count == names.count else {
        throw RejectReason(.key, "the key of a tombstone is not a JSON array of \(names.count) values")
      }
      for (index, part) in parts.enumerated() {
        if index > 0 { object.append(UInt8(ascii: ",")) }
        object += names[index] + [UInt8(ascii: ":")] + part
      }
    }
    object.append(UInt8(ascii: "}"))
    do throws(RejectReason) {
      try decoder.decode(object.span, into: &keyRow)
    } catch {
      throw RejectReason(.key, "the key of a tombstone: \(error.text)")
    }
    row.cells = [Cell](repeating: .null, count: fieldCount)
    row.text = keyRow.text
    for (index, field) in resource.primaryKey.enumerated() { row.cells[field] = keyRow.cells[index] }
  }

  private static func quoted(_ text: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    JSONString.append(text, to: &result)
    return result
  }

  /// The texts of the elements of a flat JSON array. Each element is validated later, when the object is decoded.
  private static func elements(of text: [UInt8]) -> [[UInt8]]? {
    func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D }
    var body = text[...]
    while let first = body.first, isBlank(first) { body.removeFirst() }
    while let last = body.last, isBlank(last) { body.removeLast() }
    guard body.count >= 2, body.first == UInt8(ascii: "["), body.last == UInt8(ascii: "]") else { return nil }
    body = body.dropFirst().dropLast()
    var parts: [[UInt8]] = [[]]
    var isInText = false
    var isEscaped = false
    for byte in body {
      if isInText {
        if isEscaped {
          isEscaped = false
        } else if byte == UInt8(ascii: "\\") {
          isEscaped = true
        } else if byte == UInt8(ascii: "\"") {
          isInText = false
        }
      } else if byte == UInt8(ascii: ",") {
        parts.append([])
        continue
      } else if byte == UInt8(ascii: "\"") {
        isInText = true
      }
      parts[parts.count - 1].append(byte)
    }
    return parts
  }
}
