import CommonOptions
import Console
import Publishing

/// `netflix-producer CSV`: the rows of a CSV as messages of a topic.
struct ProducerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "netflix-producer",
    abstract: "publish the rows of a CSV to a Kafka topic, as JSON.",
    discussion: """
      Each row becomes one message: its key is the row's key (2019-03-31), its value a flat JSON object. A description beside the CSV \
      (datapackage.json) says what the columns are called and what their cells may be; 'netflix describe FILE.csv' prints a first one.

      The producer is idempotent and exits with 0 only when every row was acknowledged by all in-sync replicas. With --atomic readers see \
      all rows of the file or none. A file that is published again lands again: with a key the rows replace their older versions, \
      without one they are there twice.

      EXIT STATUS
        0 every row was delivered      64 unknown option or property     65 bad rows, with the place of each
        66 no such file                69 broker or topic not reachable  73 the rejects cannot be written
        77 password or right refused   78 the description is invalid     130, 143 stopped before the end
      """,
    examples: [
      .init("Publish a file to the broker on this machine", "netflix-producer data/netflix_revenue_updated.csv"),
      .init("See the messages first; no broker is needed", "netflix-producer --dry-run data/netflix_revenue_updated.csv | head -3"),
      .init("All rows or none, on a broker elsewhere", "netflix-producer --atomic --bootstrap-servers kafka:9092 revenue.csv"),
      .init(
        "Publish what is good, and keep what is not with its reason",
        "netflix-producer --on-bad-row skip --rejects revenue.rejects revenue.csv"),
      .init("From a pipe", "zcat revenue.csv.gz | netflix-producer --dataset datapackage.json -"),
      .init(
        "With TLS and a password",
        "netflix-producer -X security.protocol=SASL_SSL -X sasl.mechanism=PLAIN -X sasl.username=me --kafka-config secret.conf revenue.csv"
      ),
    ])

  @Argument(help: ArgumentHelp("The file; - is standard input.", valueName: "CSV"))
  var csv: String

  @OptionGroup(title: "Dataset")
  var dataset: CSVDatasetOptions

  @OptionGroup(title: "Kafka")
  var kafka: KafkaOptions

  @Flag(help: "Publish in one transaction: readers see all rows or none.")
  var atomic = false

  @Option(
    help: ArgumentHelp(
      "The transaction's id; the next run with the same one aborts what a dead one left.", valueName: "ID",
      default: "netflix-producer-TOPIC"), environment: "NETFLIX_TRANSACTIONAL_ID")
  var transactionalId: String?

  @Option(help: "What a bad row does: end the run, or be set aside.", environment: "NETFLIX_ON_BAD_ROW")
  var onBadRow = OnBadRow.stop

  @Option(
    help: ArgumentHelp("Write bad rows here: each as it is, a tab, and the reason.", valueName: "FILE"), environment: "NETFLIX_REJECTS")
  var rejects: String?

  @Flag(help: "Print key, tab and value of each message on standard output instead of sending it.")
  var dryRun = false

  @OptionGroup(title: "Output")
  var output: OutputOptions

  mutating func validate() throws {
    if transactionalId != nil, $transactionalId.source == .commandLine, !atomic {
      throw CommandError(.usage, "--transactional-id is for --atomic", advice: "Add --atomic, or leave it out.")
    }
    if rejects == "-" {
      throw CommandError(.usage, "--rejects takes a file", advice: "For instance: --rejects bad-rows.txt, or --rejects /dev/stderr.")
    }
  }

  mutating func run() throws {
    Signals.install()
    let input = try CSVInput(csv)
    let resource = try dataset.load(forCSV: csv)
    if dryRun {
      try ProducerDryRun(input: input, resource: resource, onBadRow: onBadRow.value, rejects: openRejects(), log: output.log).run(
        json: output.json)
    } else {
      try publish(input, resource)
    }
  }
}

/// The option's spelling of what `Publisher` does.
enum OnBadRow: String, CaseIterable, ExpressibleByArgument {
  case stop, skip

  var value: Publisher.Options.RejectPolicy { self == .stop ? .stop : .skip }
}
