import CommonOptions
import Console
import DatabaseOptions
import Dataset
import Kafka
import Landing

/// `netflix-consumer`: the messages of a topic as rows of a table.
@main
struct ConsumerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "netflix-consumer",
    abstract: "land the messages of a Kafka topic in a Postgres table, each exactly once.",
    discussion: """
      Each message becomes one row of netflix_raw, by batches: a row whose key is there already takes the place of the older one. A message \
      that cannot be a row is set aside in netflix_rejected with its reason. How far each partition was read stands in netflix_offsets and \
      moves in the transaction that lands the rows, so that a run may be killed at any time and the next one goes on where it was.

      Without --exit-at-end it follows the topic as a member of its consumer group, until SIGTERM or SIGINT; several share the partitions. \
      With --exit-at-end it reads up to the end it found at its start and stops.

      The table is made if it is missing, and columns that the description has and the table lacks are added: to a table that is empty or that \
      this program landed in before. Another one needs --adopt-table.

      EXIT STATUS
        0 done; a follower was stopped  64 unknown option or property     65 lost messages, or rejects and --fail-on-rejects
        66 no description               69 broker, topic or database away  73 output cannot be written
        77 password or right refused    78 description or table unfit      130, 143 stopped before the end
      """,
    examples: [
      .init("Land what is there, and stop", "netflix-consumer --exit-at-end"),
      .init("Follow the topic", "netflix-consumer --bootstrap-servers kafka:9092 --database postgresql://netflix:netflix@db/netflixdb"),
      .init("See what would be inserted; nothing is written", "netflix-consumer --dry-run --exit-at-end | head -3"),
      .init("Read the topic once more from its start", "netflix-consumer --exit-at-end --from-beginning"),
      .init("The same for rows without a key: empty the table first", "netflix-consumer --exit-at-end --from-beginning --replace"),
      .init(
        "For a scheduler: one line of JSON, and 65 if a message was set aside", "netflix-consumer --exit-at-end --json --fail-on-rejects"),
      .init("With numbers for Prometheus", "netflix-consumer --metrics-port 9108"),
    ])

  @OptionGroup(title: "Dataset")
  var dataset: DatasetOptions

  @OptionGroup(title: "Kafka")
  var kafka: KafkaOptions

  @Option(help: ArgumentHelp("The consumer group; offsets are kept for each.", valueName: "NAME"), environment: "NETFLIX_GROUP")
  var group = "netflix-consumer"

  @Flag(help: "Stop at the end of the topic as it is at the start.")
  var exitAtEnd = false

  @Flag(help: "Read the topic from its start again; with --exit-at-end.")
  var fromBeginning = false

  @Option(help: "What a message without a payload does: it is set aside, or deletes its key's row.", environment: "NETFLIX_TOMBSTONES")
  var tombstones = Tombstones.reject

  @OptionGroup(title: "Postgres")
  var database: DatabaseOptions

  @Option(help: ArgumentHelp("The table, with or without its schema.", default: "the description's"), environment: "NETFLIX_TABLE")
  var table: String?

  @Flag(help: "With --from-beginning: empty the table first.")
  var replace = false

  @Flag(help: "Land in a table that has rows but not the consumer's columns: these are added to it.")
  var adoptTable = false

  @Option(help: "Rows in a batch at most; each batch is one transaction.", environment: "NETFLIX_BATCH_ROWS", in: 1...10_000_000)
  var batchRows = 50_000

  @Option(help: "How old a batch may become before it is written.", environment: "NETFLIX_BATCH_SECONDS")
  var batchSeconds = 1.0

  @Flag(help: "End with 65 if a message was set aside.")
  var failOnRejects = false

  @Flag(help: "Print partition, offset and row of each message on standard output; nothing is written anywhere.")
  var dryRun = false

  @Option(
    help: "Serve /metrics (Prometheus) and /healthz on this port; 0 lets the system choose.", environment: "NETFLIX_METRICS_PORT",
    in: 0...65_535)
  var metricsPort: Int?

  @Option(help: "The address to serve them on; 0.0.0.0 is every one.", environment: "NETFLIX_METRICS_HOST")
  var metricsHost = "127.0.0.1"

  @OptionGroup(title: "Output")
  var output: OutputOptions

  mutating func validate() throws {
    if group.isEmpty { throw CommandError(.usage, "--group takes a name", advice: "Leave it out: it is netflix-consumer then.") }
    if table == "" { throw CommandError(.usage, "--table takes a name", advice: "Leave it out: it is the description's then.") }
    if fromBeginning, !exitAtEnd {
      throw CommandError(.usage, "--from-beginning is for --exit-at-end", advice: "Add --exit-at-end, run it once, then follow.")
    }
    if replace, !fromBeginning {
      throw CommandError(
        .usage, "--replace is for --from-beginning", advice: "Add --exit-at-end --from-beginning: the rows are read again.")
    }
    if !(batchSeconds > 0 && batchSeconds <= 3600) {
      throw CommandError(.usage, "--batch-seconds takes a number above 0, up to 3600", advice: "For instance: --batch-seconds 0.5")
    }
    if metricsPort != nil, exitAtEnd, $metricsPort.source == .commandLine {
      throw CommandError(.usage, "--metrics-port is for a follower", advice: "Leave out --exit-at-end, or take the counts from --json.")
    }
    if dryRun, fromBeginning {
      throw CommandError(
        .usage, "--dry-run writes nothing, --from-beginning resets offsets",
        advice: "Leave one of them out; a --group that never ran reads from the start.")
    }
    if dryRun, output.json {
      throw CommandError(.usage, "--dry-run prints rows, --json a summary", advice: "Leave one of them out.")
    }
  }

  mutating func run() throws {
    MallocTuning.limitArenas()
    Signals.install()
    let resource = try dataset.load()
    let options = landingOptions(resource)
    if dryRun {
      try printRows(resource, options)
    } else {
      try land(resource, options)
    }
  }

  private func landingOptions(_ resource: Resource) -> SinkOptions {
    var options = SinkOptions(topic: kafka.topic ?? resource.topic, table: table ?? resource.table)
    options.group = group
    options.database = database.address
    options.exitAtEnd = exitAtEnd
    options.fromBeginning = fromBeginning
    options.replace = replace
    options.adoptTable = adoptTable
    options.batchRows = batchRows
    options.batchSeconds = batchSeconds
    options.tombstones = tombstones == .delete ? .delete : .reject
    options.retrySeconds = kafka.retrySeconds
    return options
  }
}

/// The option's spelling of what `Landing` does.
enum Tombstones: String, CaseIterable, ExpressibleByArgument {
  case reject, delete
}
