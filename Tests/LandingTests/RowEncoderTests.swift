import Dataset
import Postgres
import TestSupport
import Testing

@testable import Landing

@Suite struct RowEncoderTests {
  private let types = Sample.everyType.fields.map { ColumnType($0.type) }

  private func row(_ text: String = "grüße") -> Row {
    let bytes = Array(text.utf8)
    return Row(
      cells: [
        Cell(.text, start: 0, count: Int32(bytes.count)), Cell(.integer, payload: -7), Cell(.decimal, payload: 1145, scale: 2),
        Cell(.boolean, payload: 1), Cell(.date, payload: 17_986), Cell(.datetime, payload: 1_553_990_400_000_001),
        Cell(.time, payload: 43_200_000_001), Cell(.year, payload: 2024),
      ], text: bytes)
  }

  @Test func `a row is its number of fields, its cells and its Kafka coordinates`() {
    let buffer = BinaryCopyBuffer()
    let encoder = RowEncoder(types: [.bigint, .text], topic: "t", isDeletable: false)
    let row = Row(cells: [Cell(.integer, payload: 1), .null])
    #expect(encoder.append(row, partition: 2, offset: 3, to: buffer) == nil)
    #expect(
      content(buffer) == [0, 5] + [0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 1] + [255, 255, 255, 255] + [0, 0, 0, 1, UInt8(ascii: "t")]
        + [0, 0, 0, 4, 0, 0, 0, 2] + [0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 3])
  }

  @Test func `every type arrives in Postgres with its value`() throws {
    try withDatabase { url in
      let connection = try PostgresConnection.open(url, applicationName: "tests")
      defer { connection.close() }
      try connection.execute(
        """
        CREATE TABLE every (t text, i bigint, n numeric, b boolean, d date, ts timestamptz, c time, y integer,
        kafka_topic text, kafka_partition integer, kafka_offset bigint)
        """)
      let buffer = BinaryCopyBuffer()
      let encoder = RowEncoder(types: types, topic: "netflix", isDeletable: false)
      #expect(encoder.append(row(), partition: 0, offset: 9, to: buffer) == nil)
      var long = row()
      long.text += Array("-12345678901234567890123".utf8)
      long.cells[2] = Cell(.bigDecimal, scale: 3, start: 7, count: 24)
      #expect(encoder.append(long, partition: 0, offset: 10, to: buffer) == nil)
      #expect(encoder.append(Row(cells: [Cell](repeating: .null, count: 8)), partition: 0, offset: 11, to: buffer) == nil)
      try connection.copyIn("COPY every FROM STDIN (FORMAT binary)") { writer in
        try writer.write(buffer.bytes(0..<buffer.count))
        try writer.write(BinaryCopyBuffer.trailer)
      }
      let rows = try connection.query("SELECT * FROM every ORDER BY kafka_offset").map { $0 }
      let rest: [String?] = ["t", "2019-03-31", "2019-03-31 00:00:00.000001+00", "12:00:00.000001", "2024", "netflix", "0"]
      #expect(
        rows == [
          ["grüße", "-7", "11.45"] + rest + ["9"], ["grüße", "-7", "-12345678901234567890.123"] + rest + ["10"],
          [String?](repeating: nil, count: 8) + ["netflix", "0", "11"],
        ])
    }
  }

  @Test func `a value out of the range of its column leaves no partial row`() {
    let buffer = BinaryCopyBuffer()
    let encoder = RowEncoder(types: [.bigint, .date], topic: "t", isDeletable: false)
    let row = Row(cells: [Cell(.integer, payload: 1), Cell(.date, payload: 1 << 40)])
    #expect(encoder.append(row, partition: 0, offset: 0, to: buffer) == "out of the range of Postgres's date")
    #expect(buffer.isEmpty)
  }
}
