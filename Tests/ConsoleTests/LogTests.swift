import Testing

@testable import Console

@Suite("Log")
struct LogTests {
  @Test(arguments: [
    (0, 0, Log.Level.info), (1, 0, .debug), (5, 0, .debug), (0, 1, .warning), (0, 2, .error), (0, 9, .error), (1, 1, .info),
  ])
  func `-v and -q change the level`(verbose: Int, quiet: Int, level: Log.Level) {
    #expect(Log(verbose: verbose, quiet: quiet).level == level)
  }

  @Test func `a message below the level is not evaluated`() {
    var computed = false
    func text() -> String {
      computed = true
      return ""
    }
    Log(level: .error).debug(text())
    #expect(!computed)
  }

  @Test func `a line starts with its level, in color on a terminal only`() {
    #expect(Log.format(.error, "no", colors: false) == "error: no")
    #expect(Log.format(.warning, "hm", colors: false) == "warning: hm")
    #expect(Log.format(.info, "yes", colors: true) == "yes")
    #expect(Log.format(.error, "no", colors: true) == "\u{1B}[1;31merror:\u{1B}[0m no")
  }

  @Test(arguments: [
    ("name another with --table", "Name another with --table."), ("run:\nDROP TABLE a;", "Run:\nDROP TABLE a;"),
    ("Done already.", "Done already."), ("is it a pipe?", "Is it a pipe?"), ("", ""),
    ("max_connections is reached", "max_connections is reached."), ("'netflix check' lists them", "'netflix check' lists them."),
    ("convert it: iconv -t UTF-8 a > b", "Convert it: iconv -t UTF-8 a > b"), ("pipe it: netflix check -", "Pipe it: netflix check -"),
  ])
  func `a hint is a sentence, except for what is to be copied`(hint: String, shown: String) {
    #expect(CommandError(.usage, "no", hint: hint).hint == shown)
  }

  @Test func `a message is one line and untrusted text cannot color it`() {
    #expect(Log.format(.warning, "a\u{1B}[0m\nerror: b", colors: false) == #"warning: a\u001b[0m\nerror: b"#)
    #expect(Log.format(.debug, "a\u{1B}[0m", colors: true) == "\u{1B}[2ma\\u001b[0m\u{1B}[0m")
    #expect(Log.format(.info, "a server's notice\n", colors: false) == "a server's notice")
  }
}
