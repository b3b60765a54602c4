import Testing

@testable import Landing

/// The bytes after COPY's header.
func content(_ buffer: BinaryCopyBuffer) -> [UInt8] { Array(buffer.bytes(buffer.rows)) }

@Suite struct BinaryCopyBufferTests {
  @Test func `a buffer begins with the header of COPY's binary format`() {
    let buffer = BinaryCopyBuffer()
    #expect(Array(buffer.bytes(0..<buffer.count)) == Array("PGCOPY\n".utf8) + [0xFF, 0x0D, 0x0A, 0x00] + [UInt8](repeating: 0, count: 8))
    #expect(buffer.isEmpty)
  }

  @Test func `a field is its length and its bytes, big-endian`() {
    let buffer = BinaryCopyBuffer()
    buffer.appendField(Int32(-2))
    buffer.appendField(Int64(258))
    buffer.appendField("ä")
    buffer.appendField(UnsafeRawBufferPointer(start: nil, count: 0))
    buffer.appendField(nil as UnsafeRawBufferPointer?)
    #expect(
      content(buffer) == [0, 0, 0, 4, 255, 255, 255, 254] + [0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 1, 2] + [0, 0, 0, 2, 0xC3, 0xA4]
        + [0, 0, 0, 0] + [255, 255, 255, 255])
  }

  @Test func `a buffer keeps its content when it grows`() {
    let buffer = BinaryCopyBuffer(capacity: 1024)
    let text = String(repeating: "x", count: 700)
    for _ in 0..<10 { buffer.appendField(text) }
    #expect(buffer.rows.count == 7040)
    #expect(content(buffer).suffix(700).allSatisfy { $0 == UInt8(ascii: "x") })
    buffer.clear()
    #expect(buffer.isEmpty)
  }

  @Test func `an incomplete row can be removed`() {
    let buffer = BinaryCopyBuffer()
    buffer.appendField(Int32(1))
    let mark = buffer.count
    buffer.appendField("half a row")
    buffer.truncate(to: mark)
    #expect(content(buffer) == [0, 0, 0, 4, 0, 0, 0, 1])
  }
}
