/// Writes messages that cannot be rows as rows of netflix_rejected, in COPY's binary format.
struct RejectRowEncoder: Sendable {
  let table: String
  let group: String
  let topic: String

  func append(
    partition: Int32, offset: Int64, key: UnsafeRawBufferPointer?, payload: UnsafeRawBufferPointer?, reason: String,
    to buffer: BinaryCopyBuffer
  ) {
    buffer.reserve(2)
    buffer.put(Int16(8))
    buffer.appendField(table)
    buffer.appendField(group)
    buffer.appendField(topic)
    buffer.appendField(partition)
    buffer.appendField(offset)
    buffer.appendField(key)
    buffer.appendField(payload)
    // A server's message can quote the row: U+0000 cannot stand in text.
    buffer.appendField(reason.utf8.contains(0) ? String(reason.unicodeScalars.map { $0 == "\0" ? " " : Character($0) }) : reason)
  }
}
