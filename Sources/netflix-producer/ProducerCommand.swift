import CommonOptions
import Console
import Dataset
import Kafka
import Publishing
import Support

/// `netflix-producer CSV`: publishes the rows of a CSV to a topic.
@main
struct ProducerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "netflix-producer",
    abstract: "Publish the rows of a CSV to a Kafka topic as JSON.",
    discussion: """
      Each row becomes one message: its key is the row's key (2019-03-31), its value a flat JSON object. A description beside the CSV \
      (datapackage.json) names the columns and defines their types and constraints; 'netflix describe FILE.csv' prints a first one.

      The producer is idempotent and exits with 0 only if all in-sync replicas acknowledged every row. With --atomic readers see \
      all rows of the file or none. If you publish a file again, its rows land again: with a key they replace their older versions, \
      without a key they are in the table twice.

      EXIT STATUS
        0 every row was delivered      64 unknown option or property     65 invalid rows, each with its location
        66 no such file                69 broker or topic unavailable    73 the rejects cannot be written
        77 login or permission denied  78 the description is invalid     130, 143 stopped before the end
      """,
    examples: [
      .init("Publish a file to the broker on this machine", "netflix-producer data/netflix_revenue_updated.csv"),
      .init("Show the messages first, without a broker", "netflix-producer --dry-run data/netflix_revenue_updated.csv | head -3"),
      .init("All rows or none, on a broker elsewhere", "netflix-producer --atomic --bootstrap-servers kafka:9092 revenue.csv"),
      .init(
        "Publish the valid rows, and write the rejected rows to a file with the reasons",
        "netflix-producer --on-bad-row skip --rejects revenue.rejects revenue.csv"),
      .init("From a pipe", "zcat revenue.csv.gz | netflix-producer --dataset datapackage.json -"),
      .init(
        "With TLS and a password",
        "netflix-producer -X security.protocol=SASL_SSL -X sasl.mechanism=PLAIN -X sasl.username=me --kafka-config secret.conf revenue.csv"
      ),
    ])

  @Argument(help: ArgumentHelp("The CSV; - reads standard input.", valueName: "CSV"))
  var csv: String

  @OptionGroup(title: "Dataset")
  var dataset: CSVDatasetOptions

  @OptionGroup(title: "Kafka")
  var kafka: KafkaOptions

  @Flag(help: "Publish in one transaction: readers see all rows or none.")
  var atomic = false

  @Option(
    help: ArgumentHelp(
      "The transactional id; the next run with the same id aborts a transaction left open by a crashed run.", valueName: "ID",
      default: "netflix-producer-TOPIC"), environment: "NETFLIX_TRANSACTIONAL_ID")
  var transactionalId: String?

  @Option(help: ArgumentHelp("Stop the run at an invalid row, or skip the row.", valueName: "ACTION"), environment: "NETFLIX_ON_BAD_ROW")
  var onBadRow = OnBadRow.stop

  @Option(
    help: ArgumentHelp("Write rejected rows to this file: the original row, a tab, and the reason.", valueName: "FILE"),
    environment: "NETFLIX_REJECTS")
  var rejects: String?

  @Flag(help: "Print key, tab and value of each message on standard output instead of sending it.")
  var dryRun = false

  @OptionGroup(title: "Output")
  var output: OutputOptions

  mutating func validate() throws {
    if transactionalId != nil, $transactionalId.source == .commandLine, !atomic {
      throw CommandError(.usage, "--transactional-id is for --atomic", hint: "Add --atomic, or leave it out.")
    }
    if dryRun, output.json {
      throw CommandError(.usage, "--dry-run prints messages, --json a summary", hint: "Leave one of them out.")
    }
    if rejects == "-" {
      throw CommandError(.usage, "--rejects takes a file", hint: "For example: --rejects bad-rows.txt, or --rejects /dev/stderr.")
    }
  }

  mutating func run() throws {
    Signals.install()
    let input = try CSVFile(csv, log: output.log)
    let resource = try dataset.load(forCSV: csv)
    if dryRun {
      try ProducerDryRun(input: input, resource: resource, rejectPolicy: onBadRow.value, rejects: openRejects(), log: output.log).run()
    } else {
      try publish(input, resource)
    }
  }
}

/// The values of `--on-bad-row`.
enum OnBadRow: String, CaseIterable, ExpressibleByArgument {
  case stop, skip

  var value: Publisher.Options.RejectPolicy { self == .stop ? .stop : .skip }
}

extension ProducerCommand {
  func publish(_ input: CSVFile, _ resource: Resource) throws {
    let start = ContinuousClock.now
    let log = output.log
    let topic = kafka.topic ?? resource.topic
    let configuration = try kafka.configuration()
    let rejectsFile = try openRejects()
    let transactionalID = atomic ? transactionalId ?? "netflix-producer-\(topic)" : nil
    var reader = RowReader(resource: resource, source: input.name, read: input.read)
    // If the header is invalid, do not wait for a broker: the publisher reads it again and reports the fault.
    let isReadable = (try? reader.readHeader()) != nil
    let producer =
      isReadable
      ? try KafkaProducer.open(respectingLimitsOf: topic, configuration, transactionalID: transactionalID, log: log.ofKafka)
      : try KafkaProducer.open(configuration, topic: topic, transactionalID: transactionalID, log: log.ofKafka)
    defer { producer.close() }
    // Also detect a broker that becomes unavailable while the pipe has no data.
    input.whileWaiting = { try producer.poll(timeout: .zero) }

    let rejectedRows = RejectedRowLog(source: input.name, log: log)
    var publisher = Publisher(
      reader: reader, producer: producer,
      options: .init(isAtomic: atomic, rejectPolicy: onBadRow.value), rejects: rejectsFile,
      observer: .init(
        isStopped: { Signals.received != nil }, progress: { input.update(rows: $0.read, bytes: $1) },
        rowRejected: { rejectedRows.log($0, number: $1) }))
    let report = publisher.run()
    input.endProgress()

    let counts = report.counts
    let seconds = ContinuousClock.now - start
    if output.json {
      var summary = JSONSummary()
      summary.add("topic", topic)
      summary.add("read", counts.read)
      summary.add("delivered", counts.published)
      summary.add("rejected", counts.rejected)
      summary.add("blank", counts.blank)
      summary.add("bytes", counts.bytes)
      summary.add("seconds", seconds)
      do {
        try summary.write()
      } catch {
        // The rows are published all the same: running it again would publish them twice.
        throw report.failure(report.failure ?? error, rejects: rejects)
      }
    }
    if counts.blank > 0 { log.info(RowReader.blankNote(counts.blank, source: input.name)) }
    if let error = report.failure { throw report.failure(error, rejects: rejects) }
    log.info("\(counted(counts.published, "row")) of \(input.name) published to topic \(topic)")
  }
}

extension ProducerCommand {
  func openRejects() throws -> RejectsFile? {
    guard let rejects else { return nil }
    let file = try RejectsFile(rejects, isStopped: { Signals.received != nil })
    if csv != "-", file.isSameFile(as: csv) {
      throw CommandError(.usage, "--rejects names the CSV itself", hint: "Bad rows need a file of their own.")
    }
    return file
  }
}

/// Logs the first rejected rows with their locations. The rest are only counted, so that a file of invalid rows does not flood the log.
struct RejectedRowLog {
  private static let maxLogged = 10

  let source: String
  let log: Log

  func log(_ rejected: RejectedRow, number: Int) {
    if number <= Self.maxLogged { log.warning("rejected: " + PublishingError.text(rejected, source)) }
    if number == Self.maxLogged + 1 { log.warning("further rejected rows are counted but not listed") }
  }
}
