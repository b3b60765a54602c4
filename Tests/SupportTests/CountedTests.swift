import Support
import Testing

@Suite struct CountedTests {
  @Test(arguments: [(0, "0 rows"), (1, "1 row"), (2, "2 rows"), (100_000, "100,000 rows"), (-1234, "-1,234 rows")])
  func `a number agrees with its noun, and its digits are grouped`(number: Int, text: String) {
    #expect(counted(number, "row") == text)
  }

  @Test(arguments: [
    (0, "0"), (999, "999"), (1000, "1,000"), (-999, "-999"), (-1_234_567, "-1,234,567"), (Int.min, "-9,223,372,036,854,775,808"),
  ])
  func `numbers have thousands separators`(number: Int, text: String) {
    #expect(grouped(number) == text)
  }

  @Test func `digits of any length are grouped`() {
    #expect(grouped(digits: "") == "")
    #expect(grouped(digits: "0012345678901234567890") == "0,012,345,678,901,234,567,890")
  }
}
