import CommonOptions
import Console
import Publishing

/// `netflix-producer CSV`: publishes the rows of a CSV to a topic.
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
      "The transactional id; the next run with the same id aborts a transaction left open by a crashed run.", valueName: "ID",
      default: "netflix-producer-TOPIC"), environment: "NETFLIX_TRANSACTIONAL_ID")
  var transactionalId: String?

  @Option(help: "How to handle an invalid row: stop the run, or skip the row.", environment: "NETFLIX_ON_BAD_ROW")
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
      throw CommandError(.usage, "--transactional-id is for --atomic", advice: "Add --atomic, or leave it out.")
    }
    if rejects == "-" {
      throw CommandError(.usage, "--rejects takes a file", advice: "For example: --rejects bad-rows.txt, or --rejects /dev/stderr.")
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

/// The values of `--on-bad-row`.
enum OnBadRow: String, CaseIterable, ExpressibleByArgument {
  case stop, skip

  var value: Publisher.Options.RejectPolicy { self == .stop ? .stop : .skip }
}
