import Console

/// A command with every kind of argument and option.
struct Sample: ParsableCommand {
  enum OnBadRow: String, CaseIterable, ExpressibleByArgument { case stop, skip }

  static let configuration = CommandConfiguration(
    abstract: "Publish the rows of a CSV to a Kafka topic.",
    discussion: "Each row becomes one message.",
    examples: [.init("The file of this repository", "sample data/netflix_revenue_updated.csv")])

  @Argument(help: "The CSV; - reads standard input")
  var csv: String

  @Option(help: ArgumentHelp("What to do with an invalid row", valueName: "ACTION"))
  var onBadRow = OnBadRow.stop

  @Option(help: "Rows per batch", in: 1...1_000_000)
  var batchRows = 50_000

  @Option(help: "A second file for the rejected rows")
  var rejects: String?

  @Option(name: .customShort("X"), help: ArgumentHelp("A property of librdkafka", valueName: "KEY=VALUE"))
  var properties: [String]

  @Flag(help: "Print the messages, send nothing")
  var dryRun = false

  @OptionGroup(title: "Kafka")
  var kafka: SampleGroup

  mutating func run() throws {}
}

struct SampleGroup: ParsableArguments {
  @Option(help: "Brokers", environment: "KAFKA_BOOTSTRAP_SERVERS")
  var bootstrapServers = "localhost:9092"

  @Flag(name: .shortAndLong, help: "Say more")
  var verbose: Int

  mutating func validate() throws {
    if bootstrapServers == "nowhere" { throw CommandError(.usage, "no such place") }
    if bootstrapServers == "down" { throw CommandError(.usage, "--bootstrap-servers are down") }
  }
}
