import TestSupport
import Testing

/// The rows of the README's exit-code table with 65 and 66.
@Suite("netflix-producer with invalid files")
struct ProducerDataErrorTests {
  private static let fix = "  Fix it in the file, or reject bad rows: --on-bad-row skip --rejects FILE.\n"

  @Test(
    arguments: [
      ("n/a,Bob", "3:1: Id: \"n/a\" is not a whole number"),
      ("2,Robert", "3:3: Name: \"Robert\" has 6 characters, more than 5"),
      (",Bob", "3:1: Id: part of the key, and has no value"),
      ("99999999999999999999,Bob", "3:1: Id: \"99999999999999999999\" does not fit 64 bits"),
      ("2", "3:2: too short: 1 cell, and the header has 2"),
      ("2,Bob,x", "3:7: too long: 3 cells, and the header has 2"),
      ("2,\"Bob", "3:3: a quote is opened here and never closed"),
    ])
  func `an invalid row is reported with file, line and column, and nothing after it is sent`(row: String, message: String) throws {
    try withBroker { servers throws in
      try ProducerFixture.with("Id,Name\n1,Ann\n\(row)\n3,Eve\n", servers: servers) { fixture throws in
        let topic = uniqueTopic()
        #expect(
          try fixture.run("--json", "--topic", topic, "people.csv")
            == ProgramResult(
              status: 65,
              output: "{\"topic\":\"\(topic)\",\"read\":2,\"delivered\":1,\"rejected\":1,\"blank\":0,\"bytes\":22,\"seconds\":0}\n",
              errors: "error: people.csv:\(message)\n\(Self.fix)  1 row was published.\n"))
        #expect(try contents(of: topic, at: servers).map(\.key) == ["1"])
      }
    }
  }

  @Test func `bytes that are not UTF-8 are reported with their location`() throws {
    try ProducerFixture.with { fixture throws in
      // printf writes bytes that a Swift string cannot contain.
      let written = try TestSupport.run("/bin/sh", ["-c", #"printf 'Id,Name\n1,A\377n\n' > people.csv"#], directory: fixture.folder.path)
      #expect(written.status == 0)
      #expect(
        try fixture.run("--dry-run", "people.csv")
          == ProgramResult(
            status: 65,
            errors: """
              error: people.csv:2:4: a byte that is not UTF-8 (0xff)
                Not UTF-8: it is most likely windows-1252, as spreadsheets write it; convert it: iconv -f windows-1252 -t utf-8 people.csv >people.fixed.csv

              """))
    }
  }

  @Test func `with skip the bad rows are rejected and the good ones are published; the exit status is still 65`() throws {
    try withBroker { servers throws in
      try ProducerFixture.with("Id,Name\nx,Ann\n2,Bob\n3\n", servers: servers) { fixture throws in
        let topic = uniqueTopic()
        #expect(
          try fixture.run("--json", "--topic", topic, "--on-bad-row", "skip", "--rejects", "bad", "people.csv")
            == ProgramResult(
              status: 65,
              output: "{\"topic\":\"\(topic)\",\"read\":3,\"delivered\":1,\"rejected\":2,\"blank\":0,\"bytes\":22,\"seconds\":0}\n",
              errors: """
                warning: rejected: people.csv:2:1: Id: "x" is not a whole number
                warning: rejected: people.csv:4:2: too short: 1 cell, and the header has 2
                error: 2 of 3 rows could not be published; the first: people.csv:2:1: Id: "x" is not a whole number
                  They are in bad, each with its reason; all others were published.

                """))
        #expect(
          fixture.folder.read("bad")
            == "x,Ann\tline 2, column 1: Id: \"x\" is not a whole number\n3\tline 4, column 2: too short: 1 cell, and the header has 2\n")
        #expect(try contents(of: topic, at: servers).map(\.key) == ["2"])
        #expect(
          try fixture.run("--on-bad-row", "skip", "--topic", topic, "people.csv").errors.hasSuffix(
            "  All others were published. --rejects FILE keeps the bad ones, each with its reason.\n"))
      }
    }
  }

  @Test func `the command of docs/operations.md gives rejected rows back as they came, tabs and line breaks included`() throws {
    let rows = "x,a\tb\ny,\"c\nd\te\"\n"
    try ProducerFixture.with("Id,Name\n1,Ann\n" + rows) { fixture in
      let result = try fixture.run("--dry-run", "--on-bad-row", "skip", "--rejects", "sales.rejects", "people.csv")
      #expect(result.status == 65, "\(result)")
      try fixture.folder.write("sales.csv", "Id,Name\n")
      let document = try #require(readFile(TestProject.folder + "/docs/operations.md"))
      let command = try #require(document.firstMatch(of: #/To repair: `(.*?)`/#)).1
      #expect(try run("/bin/bash", ["-c", String(command)], directory: fixture.folder.path).status == 0)
      #expect(fixture.folder.read("repaired.csv") == "Id,Name\n" + rows)
    }
  }

  @Test func `with skip a file without bad rows exits with 0 and leaves an empty rejects file`() throws {
    try withBroker { servers throws in
      try ProducerFixture.with(servers: servers) { fixture throws in
        #expect(
          try fixture.run("-q", "--topic", uniqueTopic(), "--on-bad-row", "skip", "--rejects", "bad", "people.csv")
            == ProgramResult(status: 0))
        #expect(fixture.folder.read("bad") == "")
      }
    }
  }

  @Test func `a declared column that is missing in the file is reported with the existing columns`() throws {
    try ProducerFixture.with("Id,Nome\n1,Ann\n") { fixture throws in
      #expect(
        try fixture.run("people.csv")
          == ProgramResult(
            status: 65,
            errors: """
              error: people.csv:1:1: header: the column "Name" is missing
                The file contains undeclared columns: "Nome".
                Nothing was published.

              """))
    }
  }

  @Test func `an empty file has no header`() throws {
    try ProducerFixture.with("") { fixture throws in
      #expect(
        try fixture.run("people.csv")
          == ProgramResult(
            status: 65,
            errors: """
              error: people.csv:1:1: the file is empty
                Its first line must be the header: Id, Name.
                Nothing was published.

              """))
    }
  }

  @Test func `a message too large for Kafka is reported with its row, and the rows before it are published`() throws {
    try withBroker { servers throws in
      try ProducerFixture.with("Id,Name\n1,Ann\n2,\(String(repeating: "x", count: 2000))\n", servers: servers) { fixture throws in
        try fixture.folder.write("datapackage.json", ProducerFixture.description.replacing("\"maxLength\": 5", with: "\"maxLength\": 5000"))
        #expect(
          try fixture.run("--topic", uniqueTopic(), "-X", "message.max.bytes=1000", "people.csv")
            == ProgramResult(
              status: 65,
              errors: """
                error: people.csv:3:1: its message has 2019 bytes, more than message.max.bytes (1000) here allows. Raise it, as in \
                -X message.max.bytes=2019, and the topic's max.message.bytes if that is less, or shorten the row
                  Fix it in the file, or reject bad rows: --on-bad-row skip --rejects FILE.
                  1 row was published.

                """))
      }
    }
  }

  @Test func `a missing file and a folder are errors`() throws {
    try ProducerFixture.with { fixture throws in
      #expect(
        try fixture.run("peple.csv")
          == ProgramResult(status: 66, errors: "error: peple.csv: no such CSV\n  Looked for it from FOLDER.\n"))
      #expect(
        try fixture.run(".") == ProgramResult(status: 66, errors: "error: .: is a folder, not a CSV\n  Name the file itself.\n"))
      #expect(
        try fixture.run("--dataset", "none.json", "people.csv")
          == ProgramResult(
            status: 66,
            errors: """
              error: none.json: no such description
                Looked for it from FOLDER.
                --dataset names another; 'netflix describe FILE.csv > datapackage.json' makes a first one.

              """))
      #expect(
        try fixture.run("--kafka-config", "none.conf", "people.csv")
          == ProgramResult(status: 66, errors: "error: none.conf: no such file of Kafka properties\n  Looked for it from FOLDER.\n"))
    }
  }
}
