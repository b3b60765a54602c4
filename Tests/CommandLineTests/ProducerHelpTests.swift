import TestSupport
import Testing

@Suite("netflix-producer --help")
struct ProducerHelpTests {
  @Test func `lists every option with its default and its environment variable, and has examples`() throws {
    let result = try run("netflix-producer", ["--help"])
    #expect(result.status == 0)
    #expect(result.errors == "")
    for option in [
      "--dataset FILE", "--resource NAME", "--atomic", "--transactional-id ID", "--on-bad-row", "--rejects FILE", "--dry-run",
      "--bootstrap-servers HOST:PORT", "--topic", "-X NAME=VALUE", "--kafka-config FILE", "--retry-seconds", "--json", "-v, --verbose",
      "-q, --quiet",
    ] {
      #expect(result.output.contains(option), "\(option)")
    }
    // Descriptions are wrapped.
    let words = result.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    for variable in [
      "NETFLIX_DATASET", "NETFLIX_RESOURCE", "NETFLIX_TRANSACTIONAL_ID", "NETFLIX_ON_BAD_ROW", "NETFLIX_REJECTS", "KAFKA_BOOTSTRAP_SERVERS",
      "NETFLIX_TOPIC", "NETFLIX_KAFKA_CONFIG", "NETFLIX_RETRY_SECONDS",
    ] {
      #expect(words.contains("environment: \(variable)]") || words.contains("environment: \(variable); default: "), "\(variable)")
    }
    #expect(result.output.contains("netflix-producer --dry-run data/netflix_revenue_updated.csv | head -3"))
  }

  @Test func `an environment variable sets its option`() throws {
    try ProducerFixture.with("Id,Name\nx,Ann\n1,Bob\n") { fixture throws in
      let result = try fixture.run(
        "--dry-run", "people.csv", environment: ["NETFLIX_ON_BAD_ROW": "skip", "NETFLIX_REJECTS": "bad"])
      #expect(result.output == "1\t{\"id\":1,\"name\":\"Bob\"}\n")
      #expect(fixture.folder.read("bad") == "x,Ann\tline 2, column 1: Id: \"x\" is not a whole number\n")
    }
  }
}
