import Dataset

/// Encodes typed rows and their Kafka coordinates in binary COPY format.
struct RowEncoder {
  private let types: [ColumnType]
  private let topic: [UInt8]
  private let isDeletable: Bool
  private let fieldCount: Int16

  /// - Parameter isDeletable: add a last column that says whether the message is a tombstone.
  init(types: [ColumnType], topic: String, isDeletable: Bool) {
    self.types = types
    self.topic = Array(topic.utf8)
    self.isDeletable = isDeletable
    // kafka_topic, kafka_partition, kafka_offset and, with isDeletable, the tombstone column.
    fieldCount = Int16(types.count + (isDeletable ? 4 : 3))
  }

  /// Appends one row.
  ///
  /// - Returns: nil; or, if a value is out of the range of its Postgres type, the reason for the rejection. Then nothing is appended.
  func append(_ row: borrowing Row, partition: Int32, offset: Int64, isTombstone: Bool = false, to buffer: BinaryCopyBuffer) -> String? {
    let start = buffer.count
    // Except for text and long decimals, a field takes 30 bytes at most.
    buffer.reserve(64 &+ types.count &* 32 &+ topic.count)
    buffer.put(fieldCount)
    for index in types.indices {
      guard append(row.cells[index], of: row, as: types[index], to: buffer) else {
        buffer.truncate(to: start)
        return "out of the range of Postgres's \(types[index].rawValue)"
      }
    }
    buffer.reserve(4 &+ topic.count &+ 8 &+ 12 &+ 5)
    buffer.put(Int32(truncatingIfNeeded: topic.count))
    topic.withUnsafeBytes { buffer.put($0) }
    buffer.put(Int32(4))
    buffer.put(partition)
    buffer.put(Int32(8))
    buffer.put(offset)
    if isDeletable {
      buffer.put(Int32(1))
      buffer.put(UInt8(isTombstone ? 1 : 0))
    }
    return nil
  }

  private static let daysTo2000: Int64 = 10_957
  private static let microsecondsTo2000: Int64 = 946_684_800_000_000

  @inline(__always)
  private func append(_ cell: Cell, of row: borrowing Row, as type: ColumnType, to buffer: BinaryCopyBuffer) -> Bool {
    switch (cell.kind, type) {
    case (.null, _):
      buffer.reserve(4)
      buffer.put(Int32(-1))
    case (.integer, .bigint), (.time, .time):
      buffer.appendField(cell.payload)
    case (.integer, .numeric):
      buffer.appendNumeric(cell.payload, scale: 0)
    case (.decimal, .numeric):
      buffer.appendNumeric(cell.payload, scale: cell.scale)
    case (.bigDecimal, .numeric):
      return row.text.withUnsafeBytes { buffer.appendNumeric(digits: UnsafeRawBufferPointer(rebasing: $0[cell.range]), scale: cell.scale) }
    case (.text, .text):
      row.text.withUnsafeBytes { buffer.appendField(UnsafeRawBufferPointer(rebasing: $0[cell.range])) }
    case (.date, .date):
      guard let days = Int32(exactly: cell.payload &- Self.daysTo2000) else { return false }
      buffer.appendField(days)
    case (.datetime, .timestamptz):
      buffer.appendField(cell.payload &- Self.microsecondsTo2000)
    case (.boolean, .boolean):
      buffer.reserve(5)
      buffer.put(Int32(1))
      buffer.put(UInt8(truncatingIfNeeded: cell.payload))
    case (.year, .integer):
      guard let year = Int32(exactly: cell.payload) else { return false }
      buffer.appendField(year)
    default:
      // The decoder gives each cell the kind of its field.
      preconditionFailure("a cell of kind \(cell.kind) in a column of type \(type.rawValue)")
    }
    return true
  }
}

/// The Postgres types that a described column can have.
enum ColumnType: String, Sendable, Equatable {
  case text
  case bigint
  case numeric
  case boolean
  case date
  case timestamptz = "timestamp with time zone"
  case time = "time without time zone"
  case integer

  init(_ type: FieldType) {
    self =
      switch type {
      case .string: .text
      case .integer: .bigint
      case .number: .numeric
      case .boolean: .boolean
      case .date: .date
      case .datetime: .timestamptz
      case .time: .time
      case .year: .integer
      }
  }

  /// The type's number in each Postgres (pg_type.dat).
  var oid: Int32 {
    switch self {
    case .text: 25
    case .bigint: 20
    case .numeric: 1700
    case .boolean: 16
    case .date: 1082
    case .timestamptz: 1184
    case .time: 1083
    case .integer: 23
    }
  }
}

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
