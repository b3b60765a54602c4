import Testing

@testable import Console

@Suite("The text of --help")
struct HelpTextTests {
  @Test func `it teaches: use, options with defaults and environment, examples`() throws {
    guard case .show(let text) = try Sample.parse(["--help"], environment: { _ in "never shown" }) else {
      Issue.record("no help")
      return
    }
    #expect(
      text == """
        sample – publishes the rows of a CSV to a Kafka topic

        USAGE: sample [OPTIONS] <csv>

        Each row becomes one message.

        ARGUMENTS
          <csv>  The CSV; - reads standard input

        OPTIONS
              --on-bad-row ACTION  What to do with a row that is none [one of stop, skip; default: stop]
              --batch-rows ROWS    Rows a batch [default: 50000]
              --rejects REJECTS    A second file for the rows set aside
          -X KEY=VALUE             A property of librdkafka [repeatable]
              --dry-run            Print the messages, send nothing
          -h, --help               Show this text.
              --version            Show the version.

        KAFKA
              --bootstrap-servers SERVERS  Brokers [environment: KAFKA_BOOTSTRAP_SERVERS; default:
                                           localhost:9092]
          -v, --verbose                    Say more

        EXAMPLES
          # The file of this repository
          sample data/netflix_revenue_updated.csv

        """)
  }

  @Test func `text is wrapped between words`() {
    #expect(HelpText.wrap("one two three", width: 7) == ["one two", "three"])
    #expect(HelpText.wrap("incomprehensibilities a", width: 7) == ["incomprehensibilities", "a"])
    #expect(HelpText.wrap("", width: 7) == [])
  }
}
