import Glibc

/// Rows in Postgres's binary COPY format (PostgreSQL manual, COPY, "Binary Format"), in memory that is reused from batch to batch.
///
/// Everything is big-endian. The buffer begins with the format's header, so a whole batch is one contiguous range. The trailer is
/// written separately, since a part of a batch ends with it, too.
final class BinaryCopyBuffer {
  static let header: [UInt8] = [0x50, 0x47, 0x43, 0x4F, 0x50, 0x59, 0x0A, 0xFF, 0x0D, 0x0A, 0x00, 0, 0, 0, 0, 0, 0, 0, 0]
  static let trailer: [UInt8] = [0xFF, 0xFF]

  private var base: UnsafeMutableRawPointer
  private var capacity: Int
  /// Bytes in use, including the header.
  private(set) var count: Int

  init(capacity: Int = 1 << 16) {
    self.capacity = max(capacity, 1 << 10)
    base = .allocate(byteCount: self.capacity, alignment: 16)
    count = 0
    clear()
  }

  deinit { base.deallocate() }

  /// Removes the rows; keeps the header and the memory.
  func clear() {
    count = 0
    append(Self.header)
  }

  var isEmpty: Bool { count == Self.header.count }

  /// Removes all bytes after the first `count`: a row that could not be completed, for example.
  func truncate(to count: Int) {
    precondition(count >= Self.header.count && count <= self.count)
    self.count = count
  }

  /// Ensures capacity for `more` bytes, so that the following `put` calls need no check.
  @inline(__always)
  func reserve(_ more: Int) {
    if count &+ more > capacity { grow(more) }
  }

  private func grow(_ more: Int) {
    // Grows by half: doubling a buffer of several megabytes would exceed the memory budget with space that stays unused.
    let size = max(capacity + capacity / 2, count + more)
    let larger = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)
    larger.copyMemory(from: base, byteCount: count)
    base.deallocate()
    (base, capacity) = (larger, size)
  }

  /// Appends an integer without a capacity check: call `reserve` first.
  @inline(__always)
  func put<T: FixedWidthInteger>(_ value: T) {
    base.storeBytes(of: value.bigEndian, toByteOffset: count, as: T.self)
    count &+= MemoryLayout<T>.size
  }

  /// Appends bytes without a capacity check: call `reserve` first.
  @inline(__always)
  func put(_ bytes: UnsafeRawBufferPointer) {
    guard let start = bytes.baseAddress else { return }
    (base + count).copyMemory(from: start, byteCount: bytes.count)
    count &+= bytes.count
  }

  func append(_ bytes: UnsafeRawBufferPointer) {
    reserve(bytes.count)
    put(bytes)
  }

  func append(_ bytes: [UInt8]) { bytes.withUnsafeBytes { append($0) } }

  /// Appends a field: its length as int32, then its bytes; for NULL the length −1 and no bytes.
  func appendField(_ bytes: UnsafeRawBufferPointer?) {
    reserve(4)
    guard let bytes else { return put(Int32(-1)) }
    put(Int32(truncatingIfNeeded: bytes.count))
    append(bytes)
  }

  func appendField(_ text: String) {
    var text = text
    text.withUTF8 { appendField(UnsafeRawBufferPointer($0)) }
  }

  func appendField(_ number: Int32) {
    reserve(8)
    put(Int32(4))
    put(number)
  }

  func appendField(_ number: Int64) {
    reserve(12)
    put(Int32(8))
    put(number)
  }

  /// The bytes of a range; valid until the buffer changes.
  func bytes(_ range: Range<Int>) -> UnsafeRawBufferPointer {
    precondition(range.lowerBound >= 0 && range.upperBound <= count)
    return UnsafeRawBufferPointer(start: base + range.lowerBound, count: range.count)
  }

  /// The byte range of all rows, after the header.
  var rows: Range<Int> { Self.header.count..<count }
}
