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

  private func files(_ folder: TemporaryFolder) -> [String] {
    guard let stream = opendir(folder.path) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }

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
      #expect(files(folder) == ["bad"])
    }
  }

  @Test func `is empty without rejected rows`() throws {
    try withTemporaryFolder { folder in
      try RejectsFile(folder.path + "/bad").finish()
      #expect(folder.read("bad") == "")
    }
  }

  @Test func `leaves nothing behind if the run does not finish it`() throws {
    try withTemporaryFolder { folder in
      do {
        let file = try RejectsFile(folder.path + "/bad")
        try file.write(bad)
      }
      #expect(files(folder) == [])
    }
  }

  @Test(
    arguments: ["real", "missing"])
  func `a symbolic link, which another user may have created, is replaced; its target is unchanged`(target: String) throws {
    try withTemporaryFolder { folder in
      try folder.write("real", "old")
      #expect(symlink(target, folder.path + "/link") == 0)
      let file = try RejectsFile(folder.path + "/link")
      try file.write(bad)
      try file.finish()
      #expect(folder.read("real") == "old")
      #expect(folder.read("link") == line)
      var status = stat()
      #expect(lstat(folder.path + "/link", &status) == 0 && status.st_mode & S_IFMT == S_IFREG)
      #expect(files(folder) == ["link", "real"])
    }
  }

  @Test func `a file that is open in the process is appended to`() throws {
    try withTemporaryFolder { folder in
      let log = try folder.write("log", "before\n")
      let descriptor = open(log, O_WRONLY | O_APPEND)
      defer { close(descriptor) }
      let file = try RejectsFile("/dev/fd/\(descriptor)")
      try file.write(bad)
      try file.finish()
      #expect(folder.read("log") == "before\n" + line)
      #expect(files(folder) == ["log"])
    }
  }

  @Test func `pipes and devices are written directly`() throws {
    let file = try RejectsFile("/dev/null")
    try file.write(bad)
    try file.finish()
    var status = stat()
    #expect(stat("/dev/null", &status) == 0 && status.st_mode & S_IFMT == S_IFCHR)
  }

  @Test func `a missing directory, a directory as the path and a full disk are reported with the system's reason`() throws {
    #expect(throws: PublishingError.rejects(path: "/no/such/folder/bad", reason: "cannot be written: No such file or directory")) {
      try RejectsFile("/no/such/folder/bad")
    }
    #expect(throws: PublishingError.rejects(path: "/tmp", reason: "is a folder")) { try RejectsFile("/tmp") }
    let full = try RejectsFile("/dev/full")
    try full.write(bad)
    #expect(throws: PublishingError.rejects(path: "/dev/full", reason: "cannot be written: No space left on device")) { try full.finish() }
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
