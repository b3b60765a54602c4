import CommonOptions
import Console
import DatabaseOptions
import Dataset
import Kafka
import HTTP
import Landing
import Postgres
import Support

/// `netflix-consumer`: lands the messages of a topic as rows of a table.
@main
struct ConsumerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "netflix-consumer",
    abstract: "Land the messages of a Kafka topic in a Postgres table, each exactly once.",
    discussion: """
      Each message becomes one row of netflix_raw. Rows are written in batches; a row with an existing key replaces the older one. Invalid \
      messages are rejected: they are stored in netflix_rejected with the reason. The offsets of each partition are stored in \
      netflix_offsets and advance in the transaction that lands the rows, so a run can be killed at any time and the next one continues \
      where it stopped.

      Without --exit-at-end the program follows the topic as a member of its consumer group until SIGTERM or SIGINT; several members share \
      the partitions. With --exit-at-end it reads up to the end of the topic at the time of its start, and stops.

      The table is created if it is missing. Missing columns of the description are added to a table that is empty or that this program \
      has landed in before; any other table needs --adopt-table.

      EXIT STATUS
        0 done; a follower was stopped  64 unknown option or property             65 lost messages, or rejects and --fail-on-rejects
        66 no description               69 broker, topic or database unavailable  73 output cannot be written
        77 login or permission failed   78 description or table not valid         130, 143 stopped before the end
      """,
    examples: [
      .init("Land all messages in the topic, and stop", "netflix-consumer --exit-at-end"),
      .init("Follow the topic", "netflix-consumer --bootstrap-servers kafka:9092 --database postgresql://netflix:netflix@db/netflixdb"),
      .init("Show what would be inserted; nothing is written", "netflix-consumer --dry-run --exit-at-end | head -3"),
      .init("Read the topic again from its start", "netflix-consumer --exit-at-end --from-beginning"),
      .init("The same for rows without a key: empty the table first", "netflix-consumer --exit-at-end --from-beginning --replace"),
      .init(
        "For a scheduler: one line of JSON, and 65 if a message was rejected", "netflix-consumer --exit-at-end --json --fail-on-rejects"),
      .init("With metrics for Prometheus", "netflix-consumer --metrics-port 9108"),
    ])

  @OptionGroup(title: "Dataset")
  var dataset: DatasetOptions

  @OptionGroup(title: "Kafka")
  var kafka: KafkaOptions

  @Option(help: ArgumentHelp("The consumer group; each has its own offsets.", valueName: "NAME"), environment: "NETFLIX_GROUP")
  var group = "netflix-consumer"

  @Option(
    help: ArgumentHelp(
      "An identity that no other follower of the group has: killed and started again with it, a follower continues at once.",
      valueName: "NAME"),
    environment: "NETFLIX_INSTANCE_ID")
  var instanceId: String?

  @Flag(help: "Read up to the end that the topic has at the start, and stop.")
  var exitAtEnd = false

  @Flag(help: "With --exit-at-end: read the topic again from its start.")
  var fromBeginning = false

  @Option(
    help: ArgumentHelp("Reject a message without a payload, or delete the row with its key.", valueName: "ACTION"),
    environment: "NETFLIX_TOMBSTONES")
  var tombstones = SinkOptions.Tombstones.reject

  @OptionGroup(title: "Postgres")
  var database: DatabaseOptions

  @Option(help: ArgumentHelp("The table, with or without its schema.", default: "the description's"), environment: "NETFLIX_TABLE")
  var table: String?

  @Flag(help: "With --from-beginning: empty the table first.")
  var replace = false

  @Flag(help: "Add the missing columns to a table that has rows of another program, and land there.")
  var adoptTable = false

  @Option(
    help: ArgumentHelp("Maximum number of rows per batch; each batch is one transaction.", valueName: "N"),
    environment: "NETFLIX_BATCH_ROWS", in: 1...10_000_000)
  var batchRows = 50_000

  @Option(help: "Maximum age of a batch before it is written.", environment: "NETFLIX_BATCH_SECONDS")
  var batchSeconds = 1.0

  @Flag(help: "Exit with 65 if a message was rejected.")
  var failOnRejects = false

  @Flag(help: "Print partition, offset and row of each message on standard output; nothing is written anywhere.")
  var dryRun = false

  @Option(
    help: "Serve /metrics (Prometheus) and /healthz on this port; 0 chooses a free port.", environment: "NETFLIX_METRICS_PORT",
    in: 0...65_535)
  var metricsPort: Int?

  @Option(help: "The address for the metrics; 0.0.0.0 for all interfaces.", environment: "NETFLIX_METRICS_HOST")
  var metricsHost = "127.0.0.1"

  @OptionGroup(title: "Output")
  var output: OutputOptions

  mutating func validate() throws {
    if fromBeginning, !exitAtEnd {
      throw CommandError(.usage, "--from-beginning requires --exit-at-end", hint: "Add --exit-at-end, run it once, then follow.")
    }
    if replace, !fromBeginning {
      throw CommandError(
        .usage, "--replace requires --from-beginning", hint: "Add --exit-at-end --from-beginning: the rows are read again.")
    }
    if !(batchSeconds > 0 && batchSeconds <= 3600) {
      throw CommandError(.usage, "--batch-seconds takes a number above 0, up to 3600", hint: "For example: --batch-seconds 0.5")
    }
    if metricsPort != nil, exitAtEnd, $metricsPort.source == .commandLine {
      throw CommandError(
        .usage, "--metrics-port cannot be used with --exit-at-end", hint: "Leave out --exit-at-end, or take the counts from --json.")
    }
    if dryRun, $metricsPort.source == .commandLine {
      throw CommandError(
        .usage, "--metrics-port cannot be used with --dry-run, which lands nothing to count", hint: "Leave one of them out.")
    }
    if dryRun, fromBeginning {
      throw CommandError(
        .usage, "--dry-run and --from-beginning cannot be combined: a dry run writes nothing, and offsets would have to be reset",
        hint: "Leave one of them out; with a new --group the program reads from the start.")
    }
    if dryRun, output.json {
      throw CommandError(
        .usage, "--dry-run and --json cannot be combined: one prints rows, the other a summary", hint: "Leave one of them out.")
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
    options.instanceID = instanceId
    options.database = database.dsn
    options.exitAtEnd = exitAtEnd
    options.fromBeginning = fromBeginning
    options.replace = replace
    options.adoptTable = adoptTable
    options.batchRows = batchRows
    options.batchSeconds = batchSeconds
    options.tombstones = tombstones
    options.retrySeconds = kafka.retrySeconds
    return options
  }
}

extension ConsumerCommand {
  /// `--dry-run`: prints partition, offset and row (as JSON), separated by tabs. Rejects and deletions are logged.
  func printRows(_ resource: Resource, _ options: SinkOptions) throws {
    let log = output.log
    var standardOutput = StandardOutput()
    var rejected = 0
    let run = try SinkDryRun(
      resource: resource, options: options, configuration: try kafka.configuration(), log: log.ofKafka,
      isStopped: { Signals.received != nil })
    do {
      try run.run { line in
        switch line {
        case .row(let partition, let offset, let json):
          try standardOutput.write("\(partition)\t\(offset)\t")
          try standardOutput.write(printable: json)
          try standardOutput.write("\n")
        case .reject(let partition, let offset, let reason):
          rejected += 1
          log.warning("partition \(partition), offset \(offset) would be rejected: \(reason)")
        case .delete(let partition, let offset):
          log.info("partition \(partition), offset \(offset) would delete the row of its key")
        case .pause: try standardOutput.flush()
        }
      }
    } catch is BrokenPipe {
      return
    } catch let error as SinkError where error.kind == .stopped {
      try standardOutput.flush()
      if exitAtEnd, let stop = Signals.received { throw CommandError(stop.exitCode, "stopped by \(stop.name) before the end") }
    }
    try standardOutput.flush()
    if failOnRejects, rejected > 0 { throw CommandError(.badData, "\(counted(rejected, "message")) would be rejected") }
  }
}

extension ConsumerCommand {
  func land(_ resource: Resource, _ options: SinkOptions) throws {
    let start = ContinuousClock.now
    let log = output.log
    let metrics = try metricsPort.map { try ConsumerMetrics(topic: options.topic, host: metricsHost, port: $0) }
    if let metrics { log.info("metrics at \(metrics.url)") }
    defer { metrics?.close() }
    let bar = ConsumerProgress(log: log)
    let landing = try SinkTask(
      resource: resource, options: options, configuration: try kafka.configuration(), log: log.ofKafka,
      isStopped: { Signals.received != nil },
      report: { progress in
        metrics?.update(progress)
        bar.update(progress)
      })
    let outcome = Result { try landing.run() }
    bar.finish()

    let summary = landing.summary
    if outcome.isOrderly {
      do {
        try write(summary, options, ContinuousClock.now - start)
      } catch {
        var failure = CommandError(error)
        failure.hint = "\(counted(summary.landed, "message")) landed in \(options.table)."
        throw failure
      }
    }
    do {
      try outcome.get()
    } catch let error as SinkError where error.kind == .stopped {
      // A follower has no end: a signal is its normal way to stop.
      if exitAtEnd, let stop = Signals.received { throw CommandError(stop.exitCode, "stopped by \(stop.name) before the end") }
    }
    log.info(
      "\(counted(summary.landed, "message")) of topic \(options.topic) landed in \(options.table)"
        + (summary.rejected > 0 ? ", \(grouped(summary.rejected)) rejected: 'netflix rejects list' shows them" : "")
        + (summary.deleted > 0 ? ", \(grouped(summary.deleted)) deleted their row" : ""))
    if exitAtEnd, summary.expired > 0 {
      throw CommandError(
        .badData,
        "\(counted(summary.expired, "offset")) \(summary.expired == 1 ? "was" : "were") deleted by retention before being read",
        hint: "Publish the data again, or give the topic a longer retention.ms.")
    }
    if failOnRejects, summary.rejected > 0 {
      throw CommandError(
        .badData, "\(counted(summary.rejected, "message")) \(summary.rejected == 1 ? "was" : "were") rejected",
        hint: "'netflix rejects list' shows them, and 'netflix rejects replay' lands them once the cause is corrected.")
    }
  }

  private func write(_ counts: SinkSummary, _ options: SinkOptions, _ duration: Duration) throws {
    guard output.json else { return }
    var summary = JSONSummary()
    summary.add("topic", options.topic)
    summary.add("received", counts.received)
    summary.add("landed", counts.landed)
    summary.add("rejected", counts.rejected)
    summary.add("deleted", counts.deleted)
    summary.add("lost", counts.expired)
    summary.add("unknown", counts.confirmedLater)
    summary.add("batches", counts.batches)
    summary.add("seconds", duration)
    try summary.write()
  }
}

extension Result where Success == Void, Failure == any Error {
  /// Whether the run reached its end or was stopped by a signal.
  fileprivate var isOrderly: Bool {
    guard case .failure(let error) = self else { return true }
    return (error as? SinkError)?.kind == .stopped
  }
}

extension HTTPError: CommandErrorConvertible {
  /// The exit code of the error's kind, with its hint: the metrics' address cannot be used.
  package var commandError: CommandError { CommandError(ExitCode(kind.exitStatus), message, hint: hint) }
}

/// The progress bar, shared with the closure that receives the progress of the `SinkTask`.
final class ConsumerProgress {
  private var bar: ProgressBar?

  init(log: Log) { bar = ProgressBar("messages", log: log) }

  func update(_ progress: SinkProgress) { bar?.update(done: progress.summary.received, fraction: progress.fraction) }

  func finish() {
    bar.take()?.finish()
  }
}
