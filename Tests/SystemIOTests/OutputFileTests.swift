import Glibc
import SystemIO
import TestSupport
import Testing

@Suite struct OutputFileTests {
  private func files(_ folder: TemporaryFolder) -> [String] {
    directoryEntries(folder.path).filter { $0 != "." && $0 != ".." }.sorted()
  }

  private func write(_ text: String, to path: String) throws {
    let file = try OutputFile(path)
    try file.write(text.utf8)
    try file.finish()
  }

  @Test func `the file has its final name once it is complete`() throws {
    try withTemporaryFolder { folder in
      try folder.write("a", "of an earlier run")
      let file = try OutputFile(folder.path + "/a")
      let text = String(repeating: "0123456789", count: 20_000)
      try file.write(text.utf8)
      try file.write("end".utf8)
      #expect(folder.read("a") == "of an earlier run")
      try file.finish()
      try file.finish()
      #expect(folder.read("a") == text + "end")
      #expect(files(folder) == ["a"])
    }
  }

  @Test func `a file that is not finished leaves nothing behind`() throws {
    try withTemporaryFolder { folder in
      do {
        let file = try OutputFile(folder.path + "/a")
        try file.write("a".utf8)
      }
      #expect(files(folder) == [])
    }
  }

  @Test(arguments: [0o600, 0o640, 0o664, 0o604] as [mode_t])
  func `a file that is replaced passes on its mode and its owner`(mode: mode_t) throws {
    try withTemporaryFolder { folder in
      let path = try folder.write("a", "old")
      try #require(chmod(path, mode) == 0)
      let isRoot = geteuid() == 0
      if isRoot { try #require(chown(path, 12345, 23456) == 0) }
      try write("new", to: path)
      var status = stat()
      #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == mode)
      #expect(!isRoot || (status.st_uid == 12345 && status.st_gid == 23456))
      #expect(folder.read("a") == "new")
    }
  }

  @Test func `a new file has the mode that the mask allows`() throws {
    try withTemporaryFolder { folder in
      let mask = umask(0)
      umask(mask)
      try write("new", to: folder.path + "/a")
      var status = stat()
      #expect(stat(folder.path + "/a", &status) == 0 && status.st_mode & 0o777 == 0o666 & ~mask)
    }
  }

  @Test func `the name may have as many bytes as a file system allows, and two files may be written at once`() throws {
    try withTemporaryFolder { folder in
      let long = String(repeating: "n", count: 255)
      let (one, other) = (try OutputFile(folder.path + "/" + long), try OutputFile(folder.path + "/b"))
      try one.finish()
      try other.finish()
      #expect(files(folder) == ["b", long])
      #expect(throws: OutputFile.Failure.system(SystemError(code: ENAMETOOLONG))) { try OutputFile(folder.path + "/n" + long) }
    }
  }

  @Test func `missing folders are made where they are asked for`() throws {
    try withTemporaryFolder { folder in
      #expect(throws: OutputFile.Failure.system(SystemError(code: ENOENT))) { try OutputFile(folder.path + "/x/y/a") }
      try OutputFile(folder.path + "/x/y/a", makesFolders: true).finish()
      #expect(folder.read("x/y/a") == "")
      try folder.write("file", "")
      #expect(symlink("nothing", folder.path + "/link") == 0)
      for (name, code) in [("file", ENOTDIR), ("link", EEXIST)] {
        let path = folder.path + "/" + name
        #expect(throws: OutputFile.Failure.noFolder(path, SystemError(code: code))) { try OutputFile(path + "/a", makesFolders: true) }
      }
      #expect(OutputFile.Failure.noFolder("f", SystemError(code: EACCES)).reason == "the folder f cannot be made: Permission denied")
    }
  }

  @Test(arguments: ["real", "missing"])
  func `a symbolic link is replaced, and its target is unchanged`(target: String) throws {
    try withTemporaryFolder { folder in
      try folder.write("real", "old")
      #expect(symlink(target, folder.path + "/link") == 0)
      try write("new", to: folder.path + "/link")
      #expect(folder.read("real") == "old")
      #expect(folder.read("link") == "new")
      var status = stat()
      #expect(lstat(folder.path + "/link", &status) == 0 && status.st_mode & S_IFMT == S_IFREG)
      #expect(files(folder) == ["link", "real"])
    }
  }

  @Test func `a file that is open in the process is appended to, also through a link`() throws {
    try withTemporaryFolder { folder in
      let log = try folder.write("log", "before\n")
      let descriptor = open(log, O_WRONLY | O_APPEND)
      defer { close(descriptor) }
      try write("1\n", to: "/dev/fd/\(descriptor)")
      try write("2\n", to: "/proc/self/fd/\(descriptor)")
      #expect(symlink("/proc/self/fd/\(descriptor)", folder.path + "/link") == 0)
      try write("3\n", to: folder.path + "/link")
      #expect(folder.read("log") == "before\n1\n2\n3\n")
      #expect(files(folder) == ["link", "log"])
    }
  }

  @Test func `a file in memory is replaced like any other, although its path begins with /dev`() throws {
    let path = "/dev/shm/netflix-output-file-\(getpid())"
    defer { unlink(path) }
    try write("a longer text", to: path)
    try write("new", to: path)
    #expect(readFile(path) == "new")
  }

  @Test func `devices are written directly`() throws {
    try write("a", to: "/dev/null")
    var status = stat()
    #expect(stat("/dev/null", &status) == 0 && status.st_mode & S_IFMT == S_IFCHR)
  }

  @Test func `a pipe is written directly, and its wait for the reader can be stopped`() throws {
    try withTemporaryFolder { folder in
      let path = folder.path + "/pipe"
      #expect(mkfifo(path, 0o600) == 0)
      #expect(throws: OutputFile.Failure.hasNoReader) { try OutputFile(path) }
      let reader = open(path, O_RDONLY | O_NONBLOCK)
      defer { close(reader) }
      try write("a", to: path)
      var byte: UInt8 = 0
      #expect(read(reader, &byte, 1) == 1 && byte == UInt8(ascii: "a"))
      let full = try OutputFile(path, isStopped: { true })
      #expect(throws: OutputFile.Failure.stopped) { try full.write([UInt8](repeating: 0, count: 2 << 20)) }
      #expect(files(folder) == ["pipe"])
    }
  }

  @Test func `a missing folder, a folder as the path and a full disk are reported`() throws {
    #expect(throws: OutputFile.Failure.system(SystemError(code: ENOENT))) { try OutputFile("/no/such/folder/a") }
    #expect(throws: OutputFile.Failure.isFolder) { try OutputFile("/tmp") }
    let full = try OutputFile("/dev/full")
    try full.write("a".utf8)
    #expect(throws: OutputFile.Failure.system(SystemError(code: ENOSPC))) { try full.finish() }
    #expect(OutputFile.Failure.system(SystemError(code: ENOSPC)).reason == "cannot be written: No space left on device")
    #expect(OutputFile.Failure.isFolder.reason == "is a folder")
  }
}
