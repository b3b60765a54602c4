import Foundation
import TestSupport
import Testing

@testable import Charts

@Suite("Characters that no installed font has")
struct FontCoverageTests {
  private let latin = FontCoverage(charsets: "TrueType|20-7e a0-17f 300-36f 1e00-1eff 2000-206f\nCFF|370-3ff\nBDF|4e00-9fff\n\nbroken|\n")

  @Test func `are replaced by Latin letters or question marks, and other characters are unchanged`() {
    for text in ["", "Zürich: 5 %", "Ελλάδα", "a\u{301}", "a\u{200D}b"] { #expect(latin.drawable(text) == text) }
    #expect(latin.drawable("中国 and 한국") == "zhōng guó and hangug")
    #expect(latin.drawable("उत्तर") == "uttara")
    #expect(latin.drawable("5 🍎, \u{E000}") == "5 ?, ?")
  }

  @Test func `do not include letters whose composed form a font has`() {
    let korean = FontCoverage(charsets: "TrueType|20-7e ac00-d7a3")
    let parts = "한국".decomposedStringWithCanonicalMapping
    #expect(parts.unicodeScalars.count == 6)
    #expect(korean.drawable(parts) == parts)
    #expect(korean.notes(on: [parts]) == [])
  }

  @Test func `are reported once for each script, with the package to install`() {
    #expect(latin.notes(on: ["Sales", "Zürich"]) == [])
    #expect(
      latin.notes(on: ["中国", "서울", "เหนือ \u{1B}[31m'"]) == [
        "no installed font has the Chinese or Japanese characters of “中国”: the charts show “zhōng guó”; for a font: apt-get install fonts-wqy-microhei",
        "no installed font has the Thai letters of “เหนือ  [31m’”: the charts show “h̄enụ̄x  [31m’”; for a font: apt-get install fonts-tlwg-loma-ttf",
      ])
  }

  @Test(
    .enabled("needs a network and apt-get") { downloaded(["fonts-lohit-guru"], into: "/tmp") })
  func `are in the package that the note names`() throws {
    try withTemporaryFolder { folder in
      let known = FontCoverage.Script.known
      try #require(downloaded(Set(known.map(\.package)).sorted(), into: folder.path))
      for (range, name, package) in known {
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasPrefix(package + "_") }
        let file = try #require(files.first, "\(package)")
        #expect(try run("/usr/bin/dpkg-deb", ["-x", file, package], directory: folder.path).status == 0)
        let list = try run("/usr/bin/fc-scan", ["--format", "%{fontformat}|%{charset}\n", package], directory: folder.path)
        let fonts = FontCoverage(charsets: list.output)
        // Most of the assigned characters: a range has gaps and rare characters.
        let letters = range.compactMap(Unicode.Scalar.init).filter { $0.properties.generalCategory != .unassigned }.map { String($0) }
        let missing = letters.filter { !fonts.notes(on: [$0]).isEmpty }
        #expect(missing.count * 10 < letters.count * 4, "\(package), \(name): \(missing.count) of \(letters.count) are missing")
      }
    }
  }
}

private func downloaded(_ packages: [String], into folder: String) -> Bool {
  (try? run("/usr/bin/apt-get", ["download", "-q"] + packages, directory: folder))?.status == 0
}
