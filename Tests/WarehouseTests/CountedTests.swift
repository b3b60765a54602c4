import Testing
import Warehouse

@Suite struct CountedTests {
  @Test(arguments: [(0, "0 rows"), (1, "1 row"), (2, "2 rows"), (100_000, "100,000 rows"), (-1234, "-1,234 rows")])
  func `a number agrees with its noun, and its digits are grouped`(number: Int, text: String) {
    #expect(counted(number, "row") == text)
  }
}
