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

  /// The columns of all rows as arrays in Postgres's binary format (array_recv): dimensions, whether there are NULLs, type, length, first
  /// index, then the fields as in COPY.
  func columns(_ types: [ColumnType]) -> [[UInt8]] {
    var fields = types.map { _ in [UInt8]() }
    var length: Int32 = 0
    var start = rows.lowerBound
    while start < count {
      start += MemoryLayout<Int16>.size
      for column in types.indices {
        let size = Int32(bigEndian: base.loadUnaligned(fromByteOffset: start, as: Int32.self))
        let end = start + 4 + max(0, Int(size))
        fields[column].append(contentsOf: bytes(start..<end))
        start = end
      }
      length += 1
    }
    return zip(types, fields).map { type, fields in
      [1, 1, type.oid, length, 1].flatMap { number in withUnsafeBytes(of: number.bigEndian) { Array($0) } } + fields
    }
  }
}

extension BinaryCopyBuffer {
  // The wire format of numeric (numeric_send): four int16 (number of groups, weight of the first group, sign, decimal places), then the
  // groups of four decimal digits. numeric_recv strips zero groups.

  private static let powers: [UInt64] = (0...18).reduce(into: []) { list, _ in list.append((list.last.map { $0 * 10 }) ?? 1) }
  private static let negative: Int16 = 0x4000

  /// Appends `payload` × 10^-`scale` as a field of type numeric with `scale` decimal places.
  ///
  /// - Parameter scale: 0...18.
  func appendNumeric(_ payload: Int64, scale: Int32) {
    guard scale <= 16 else {
      // More than 16 places, padded to whole groups, would not fit in 64 bits.
      var digits = Array(String(payload).utf8)
      _ = digits.withUnsafeMutableBytes { appendNumeric(digits: UnsafeRawBufferPointer($0), scale: scale) }
      return
    }
    let magnitude = payload.magnitude
    var whole = magnitude
    var fraction: UInt64 = 0
    let places = (Int(scale) &+ 3) >> 2
    if scale > 0 {
      let power = Self.powers[Int(scale)]
      whole = magnitude / power
      fraction = (magnitude &- whole &* power) &* Self.powers[(places << 2) &- Int(scale)]
    }
    let groups =
      whole == 0 ? 0 : whole < 10_000 ? 1 : whole < 100_000_000 ? 2 : whole < 1_000_000_000_000 ? 3 : whole < 10_000_000_000_000_000 ? 4 : 5
    reserve(4 &+ 8 &+ 2 &* 9)
    put(Int32(8 &+ 2 &* (groups &+ places)))
    put(Int16(truncatingIfNeeded: groups &+ places))
    put(Int16(truncatingIfNeeded: groups &- 1))
    put(payload < 0 ? Self.negative : 0)
    put(Int16(truncatingIfNeeded: scale))
    putGroups(whole, groups)
    putGroups(fraction, places)
  }

  /// Appends the last `groups` groups of four digits of a number, the highest first.
  @inline(__always)
  private func putGroups(_ number: UInt64, _ groups: Int) {
    var divisor = groups > 1 ? Self.powers[(groups &- 1) &* 4] : 1
    var rest = number
    for _ in 0..<groups {
      let group = rest / divisor
      put(Int16(truncatingIfNeeded: group))
      rest &-= group &* divisor
      divisor /= 10_000
    }
  }

  /// Appends a decimal of any length: ASCII digits with an optional `-` before them, × 10^-`scale`. A negative scale appends zeros.
  ///
  /// - Returns: false, and nothing is appended, if the value exceeds Postgres's numeric: 131,072 digits before the point, 16,383 after it.
  func appendNumeric(digits: UnsafeRawBufferPointer, scale: Int32) -> Bool {
    let isNegative = digits.first == UInt8(ascii: "-")
    let all = digits.dropFirst(isNegative ? 1 : 0)
    let significant = UnsafeRawBufferPointer(rebasing: all.drop { $0 == UInt8(ascii: "0") })
    let scale = Int(scale)
    // Digits before the point; negative if the number begins with zeros after the point.
    let wholeDigits = significant.count - scale
    guard scale <= 16_383, significant.isEmpty || wholeDigits <= 131_072 else { return false }
    let places = max(0, scale)
    guard !significant.isEmpty else {
      appendNumeric(0, scale: 0)
      // A zero has no groups, only its number of decimal places.
      storeDecimalPlaces(places, back: 8)
      return true
    }
    // Group 0 holds the four digits before the point; the group of a digit is its distance from the point, rounded down.
    let weight = (wholeDigits - 1) >= 0 ? (wholeDigits - 1) / 4 : -((-(wholeDigits - 1) + 3) / 4)
    let last = -places
    let lastGroup = last >= 0 ? 0 : -((-last + 3) / 4)
    let groups = weight - lastGroup + 1
    reserve(12 + 2 * groups)
    put(Int32(8 + 2 * groups))
    put(Int16(truncatingIfNeeded: groups))
    put(Int16(truncatingIfNeeded: weight))
    put(isNegative ? Self.negative : 0)
    put(Int16(truncatingIfNeeded: places))
    // The position of a group's first digit among the significant ones; positions outside of them are zeros.
    var position = wholeDigits - 4 * (weight + 1)
    for _ in 0..<groups {
      var group: Int16 = 0
      for digit in position..<position + 4 {
        group = group * 10 + (digit >= 0 && digit < significant.count ? Int16(significant[digit] - UInt8(ascii: "0")) : 0)
      }
      put(group)
      position += 4
    }
    return true
  }

  /// Rewrites the number of decimal places, the last of the four header numbers, of a field without groups.
  private func storeDecimalPlaces(_ places: Int, back: Int) {
    truncate(to: count - 2)
    put(Int16(truncatingIfNeeded: places))
  }
}
