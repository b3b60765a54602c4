import Dataset
import Kafka

/// Converts messages to the rows of a batch, or to rejects with a reason.
struct RecordMapper {
  private var decoder: MessageDecoder
  private var keyDecoder: KeyDecoder?
  private(set) var row = Row()
  private let encoder: RowEncoder
  private let tombstones: SinkOptions.Tombstones

  init(_ resource: Resource, shape: TableSchema, options: SinkOptions) throws(SinkError) {
    decoder = MessageDecoder(resource: resource)
    tombstones = options.tombstones
    if tombstones == .delete {
      keyDecoder = KeyDecoder(resource)
      if keyDecoder == nil {
        throw SinkError(
          .configuration, "--tombstones delete: the description has no primary key", advice: "leave out --tombstones delete")
      }
    }
    encoder = RowEncoder(types: shape.types, topic: options.topic, isDeletable: tombstones == .delete)
  }

  /// Names of fields found in messages that the description does not declare.
  var unknownFields: [String] { decoder.unknownFields }

  /// Appends one message to a batch as a row or a reject; in isolation mode with its key and payload.
  ///
  /// - Parameter forcedReason: reject the message with this reason.
  mutating func append(_ message: KafkaMessage, to batch: Batch, rejects: RejectRowEncoder, forcedReason: String? = nil) {
    let start = batch.rows.count
    batch.counts.received += 1
    batch.counts.bytes += (message.key?.count ?? 0) + (message.payload?.count ?? 0)
    do {
      if let forcedReason { throw RejectReason(.constraint, forcedReason) }
      let isTombstone = try encode(message, into: batch.rows)
      if isTombstone { batch.counts.deleted += 1 } else { batch.counts.landed += 1 }
      if batch.isIsolating {
        batch.retain(
          partition: message.partition, offset: message.offset, isTombstone: isTombstone, row: start..<batch.rows.count, key: message.key,
          payload: message.payload)
      }
    } catch {
      batch.counts.rejected += 1
      let reason = (error as? RejectReason)?.text ?? "\(error)"
      rejects.append(
        partition: message.partition, offset: message.offset, key: message.key, payload: message.payload, reason: reason, to: batch.rejects)
    }
  }

  /// Appends the row of a message and leaves it in `row`.
  ///
  /// - Returns: whether the message is a tombstone, whose row is to be deleted.
  /// - Throws: the reason why the record is rejected.
  mutating func encode(_ message: KafkaMessage, into rows: BinaryCopyBuffer) throws(RejectReason) -> Bool {
    let isTombstone = try decode(message)
    if let reason = encoder.append(row, partition: message.partition, offset: message.offset, isTombstone: isTombstone, to: rows) {
      throw RejectReason(.outOfRange, reason)
    }
    return isTombstone
  }

  private mutating func decode(_ message: KafkaMessage) throws(RejectReason) -> Bool {
    if let payload = message.payload {
      try decoder.decode(
        UnsafeBufferPointer(start: payload.baseAddress?.assumingMemoryBound(to: UInt8.self), count: payload.count).span, into: &row)
      return false
    }
    guard keyDecoder != nil else {
      throw RejectReason(.notJSON, "a tombstone: the message has no payload; with --tombstones delete it deletes the row of its key")
    }
    guard let key = message.key else { throw RejectReason(.key, "a tombstone without a key") }
    try keyDecoder?.decode(key, into: &row)
    return true
  }
}
