import TestSupport
import Testing

@testable import Console

@Suite("Input file")
struct InputFileTests {
  @Test(arguments: [0, 1, 7, 8, 9, 1000])
  func `returns all bytes in chunks`(size: Int) throws {
    try withTemporaryFolder { folder in
      let text = String(repeating: "x", count: size)
      let file = try InputFile(try folder.write("a", text))
      var bytes: [UInt8] = []
      var chunks = 0
      while try file.read(appendingTo: &bytes, limit: 8) > 0 { chunks += 1 }
      #expect(String(decoding: bytes, as: UTF8.self) == text)
      #expect(chunks == (size + 7) / 8)
      #expect(file.size == size)
      #expect(try InputFile.contents(file.name) == bytes)
    }
  }

  @Test func `a missing file and a folder are errors with code 66`() throws {
    try withTemporaryFolder { folder in
      let missing = folder.path + "/nothing.csv"
      #expect(throws: CommandError(.noInput, "\(missing): no such CSV")) { _ = try InputFile(missing, what: "CSV") }
      #expect(throws: CommandError(.noInput, "\(folder.path): is a folder, not a CSV", hint: "Name the file itself.")) {
        _ = try InputFile(folder.path, what: "CSV")
      }
    }
  }

  @Test func `the hint for a missing relative path names the current folder`() {
    let failure = #expect(throws: CommandError.self) { _ = try InputFile("no/such/file") }
    #expect(failure?.hint?.hasPrefix("Looked for it from /") == true)
  }
}
