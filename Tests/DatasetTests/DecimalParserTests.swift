import Testing

@testable import Dataset

@Suite struct DecimalParserTests {
  private func number(_ text: String) throws -> (Cell, [UInt8]) {
    var long: [UInt8] = []
    let bytes = Array(text.utf8)
    return (try DecimalParser.number(bytes.span, 0..<bytes.count, into: &long), long)
  }

  @Test(
    arguments: [
      ("1", "1.0", 0), ("1.5", "1.50000", 0), ("-1", "1", -1), ("0", "-0.0", 0), ("1e30", "1000000000000000000000000000000", 0),
      ("1e30", "1e31", -1), ("-1e30", "-1e31", 1), ("99999999999999999999", "1e20", -1), ("0.00000000000000000000001", "0", 1),
      ("-0.00000000000000000000001", "0", -1), ("12345678901234567890.5", "12345678901234567890.50", 0), ("9223372036854775807", "0.1", 1),
      ("9223372036854775807", "0.000000000000000001", 1), ("0e-100", "0", 0), ("12345678901234567890", "12345678901234567891", -1),
    ])
  func `numbers are compared by value, regardless of scale and length`(left: String, right: String, order: Int) throws {
    let (mine, myText) = try number(left)
    let (other, otherText) = try number(right)
    #expect(DecimalParser.compare(mine, myText, other, otherText) == order)
    #expect(DecimalParser.compare(other, otherText, mine, myText) == -order)
  }

  @Test func `short numbers are decimals, long ones keep their digits`() throws {
    #expect(try number("-012.340").0 == Cell(.decimal, payload: -12340, scale: 3))
    #expect(try number("12e3").0 == Cell(.decimal, payload: 12000))
    let (long, text) = try number("-0012345678901234567890.12e25")
    #expect(long == Cell(.bigDecimal, scale: -23, start: 0, count: 23))
    #expect(text == Array("-1234567890123456789012".utf8))
    #expect(try number("0.0000000000000000001").0.kind == .bigDecimal)
  }

  @Test func `the bounds of the fast path match those of the constraint`() throws {
    let field = try makeResource(#"{"name": "f", "type": "number", "constraints": {"minimum": -1.25, "maximum": 3.75}}"#).fields[0]
    let bounds = try #require(FastPathLimits(field.constraints))
    #expect(
      bounds.contains(-1, scale: 0) && !bounds.contains(-2, scale: 0) && bounds.contains(3, scale: 0) && !bounds.contains(4, scale: 0))
    #expect(
      bounds.contains(-12, scale: 1) && !bounds.contains(-13, scale: 1) && bounds.contains(37, scale: 1) && !bounds.contains(38, scale: 1))
    #expect(
      bounds.contains(-125, scale: 2) && !bounds.contains(-126, scale: 2) && bounds.contains(375, scale: 2)
        && !bounds.contains(376, scale: 2))
    #expect(bounds.contains(.min, scale: 18) == false && bounds.contains(.max, scale: 18) == false)
  }
}
