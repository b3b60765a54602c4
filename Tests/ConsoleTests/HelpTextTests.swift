import Testing

@testable import Console

@Suite("Help text")
struct HelpTextTests {
  @Test func `has usage, options with defaults and environment variables, and examples`() throws {
    guard case .show(let text) = try Sample.parse(["--help"], environment: { _ in "never shown" }) else {
      Issue.record("no help")
      return
    }
    #expect(
      text == """
        sample – Publish the rows of a CSV to a Kafka topic.

        USAGE: sample [OPTIONS] <csv>

        Each row becomes one message.

        ARGUMENTS
          <csv>  The CSV; - reads standard input

        OPTIONS
              --on-bad-row ACTION  What to do with an invalid row [one of stop, skip; default: stop]
              --batch-rows ROWS    Rows per batch [default: 50000]
              --rejects REJECTS    A second file for the rejected rows
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
}
