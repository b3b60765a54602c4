import TestSupport
import Testing

@Suite("netflix-producer --dry-run")
struct ProducerDryRunTests {
  @Test func `prints the first message of the real file byte for byte, and all 21, without a broker`() throws {
    let result = try run("netflix-producer", ["--dry-run", "data/netflix_revenue_updated.csv"])
    #expect(result.status == 0)
    #expect(result.errors == "")
    let lines = result.output.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(
      lines.first
        == "2019-03-31\t{\"date\":\"2019-03-31\",\"global_revenue\":4520992000,\"ucan_revenue\":2256851000,\"emea_revenue\":1233379000,\"latm_revenue\":630472000,\"apac_revenue\":319602000,\"ucan_members\":66633000,\"emea_members\":42542000,\"latm_members\":27547000,\"apac_members\":12141000,\"ucan_arpu\":11.45,\"emea_arpu\":10.23,\"latm_arpu\":7.84,\"apac_arpu\":9.37,\"total_members\":148863000}"
    )
    #expect(lines.count == 22)
    #expect(lines.last == "")
  }

  @Test func `standard input uses the description given by --dataset`() throws {
    try ProducerFixture.with { fixture throws in
      #expect(
        try fixture.run("--dry-run", "--dataset", "datapackage.json", "-", input: "Name,Id\r\n\"A \"\"n\"\"\",7")
          == ProgramResult(status: 0, output: "7\t{\"id\":7,\"name\":\"A \\\"n\\\"\"}\n"))
    }
  }

  @Test func `without a primary key the text before the tab is empty`() throws {
    try ProducerFixture.with { fixture throws in
      try fixture.folder.write("keyless.json", ProducerFixture.description.replacing("\"primaryKey\": \"Id\",", with: ""))
      #expect(
        try fixture.run("--dry-run", "--dataset", "keyless.json", "people.csv")
          == ProgramResult(status: 0, output: "\t{\"id\":1,\"name\":\"Ann\"}\n\t{\"id\":2,\"name\":\"Bob\"}\n"))
    }
  }

  @Test func `a bad row ends the run with its location; the messages before it are printed`() throws {
    try ProducerFixture.with("Id,Name\n1,Ann\nx,Bob\n3,Eve\n") { fixture throws in
      #expect(
        try fixture.run("--dry-run", "people.csv")
          == ProgramResult(
            status: 65, output: "1\t{\"id\":1,\"name\":\"Ann\"}\n",
            errors: """
              error: people.csv:3:1: Id: "x" is not a whole number
                Fix it in the file, or reject bad rows: --on-bad-row skip --rejects FILE.

              """))
    }
  }

  @Test(arguments: [10, 11])
  func `ten rejected rows are listed, and only if there are more a line says so`(count: Int) throws {
    try ProducerFixture.with("Id,Name\n" + String(repeating: "x,Ann\n", count: count)) { fixture throws in
      let result = try fixture.run("--dry-run", "--on-bad-row", "skip", "people.csv")
      let lines = result.errors.split(separator: "\n")
      #expect(lines.filter { $0.hasPrefix("warning: rejected: people.csv:") }.count == 10, "\(result)")
      #expect(lines.contains("warning: further rejected rows are counted but not listed") == (count > 10), "\(result)")
    }
  }

  @Test func `a count of one is singular`() throws {
    try ProducerFixture.with("Id,Name\nx,Ann\n") { fixture throws in
      let result = try fixture.run("--dry-run", "--on-bad-row", "skip", "people.csv")
      #expect(result.errors.contains("error: 1 of 1 row could not be published; the first: people.csv:2:1: "), "\(result)")
    }
  }
}
