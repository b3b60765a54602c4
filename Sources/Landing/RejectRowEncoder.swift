/// Encodes rejected records as rows of netflix_rejected, in binary COPY format.
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
    // A message of the server can quote the row, and Postgres's text type cannot contain U+0000.
    buffer.appendField(reason.utf8.contains(0) ? String(reason.unicodeScalars.map { $0 == "\0" ? " " : Character($0) }) : reason)
  }
}
