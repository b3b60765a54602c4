import Dataset
import Glibc
import Publishing
import TestSupport
import Testing

@Suite("RejectsFile")
struct RejectsFileTests {
  private let bad = RejectedRow(
    line: 7, column: 3, reason: RejectReason(.wrongType, "Id: \"x\" is not a whole number"), original: Array("x,\"a\nb\"".utf8))
  private let line = "x,\"a\nb\"\tline 7, column 3: Id: \"x\" is not a whole number\n"

  @Test func `has its final name once it is complete, and contains each row's original bytes, location and reason`() throws {
    try withTemporaryFolder { folder in
      try folder.write("bad", "of an earlier run")
      let file = try RejectsFile(folder.path + "/bad")
      try file.write(bad)
      try file.write(bad)
      #expect(folder.read("bad") == "of an earlier run")
      try file.finish()
      try file.finish()
      #expect(folder.read("bad") == line + line)
    }
  }

  @Test func `is empty without rejected rows`() throws {
    try withTemporaryFolder { folder in
      try RejectsFile(folder.path + "/bad").finish()
      #expect(folder.read("bad") == "")
    }
  }

  @Test func `a missing directory, a directory as the path and a full disk are reported with the system's reason`() throws {
    let missing = PublishingError.rejects(
      path: "/no/such/folder/bad", reason: "cannot be written: No such file or directory", hint: "Make its folder first, or name another.")
    #expect(throws: missing) { try RejectsFile("/no/such/folder/bad") }
    let folder = PublishingError.rejects(path: "/tmp", reason: "is a folder", hint: "Name a file in it.")
    #expect(throws: folder) { try RejectsFile("/tmp") }
    let full = try RejectsFile("/dev/full")
    try full.write(bad)
    let noRoom = PublishingError.rejects(
      path: "/dev/full", reason: "cannot be written: No space left on device", hint: "Free space there, or name a file on another disk.")
    #expect(throws: noRoom) { try full.finish() }
  }

  @Test func `recognizes the CSV that the rows come from, even by another name`() throws {
    try withTemporaryFolder { folder in
      let csv = try folder.write("a.csv", "Id\n")
      #expect(symlink("a.csv", folder.path + "/link") == 0)
      #expect(try RejectsFile(csv).isSameFile(as: csv))
      #expect(try RejectsFile(folder.path + "/link").isSameFile(as: csv))
      #expect(try !RejectsFile(folder.path + "/other").isSameFile(as: csv))
    }
  }
}
