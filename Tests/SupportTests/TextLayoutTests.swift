import Support
import Testing

@Suite struct TextLayoutTests {
  @Test func `text is wrapped between words`() {
    #expect("one two three".wrapped(width: 7) == ["one two", "three"])
    #expect("  one   two ".wrapped(width: 3) == ["one", "two"])
    #expect("incomprehensibilities a".wrapped(width: 7) == ["incomprehensibilities", "a"])
    #expect("é ü".wrapped(width: 3) == ["é ü"])
    #expect("a b".wrapped(width: 0) == ["a", "b"])
    #expect("".wrapped(width: 7) == [])
    #expect("  ".wrapped(width: 7) == [])
  }

  @Test func `cells are as wide as the widest of their column, in characters`() {
    let table = TextTable([["name", "n"], ["é", "100"], ["", ""]]) { $0 == 1 }
    #expect(table.widths == [4, 3])
    #expect(table.rows == [["name", "  n"], ["é   ", "100"], ["    ", "   "]])
  }

  @Test func `of a table of figures the first column is left-aligned`() {
    #expect(TextTable(figures: [["", "a", "b"], ["row", "1", "22"]]).rows == [["   ", "a", " b"], ["row", "1", "22"]])
    #expect(TextTable(figures: []).rows == [])
  }
}
