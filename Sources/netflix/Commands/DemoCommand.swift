import CommonOptions
import Console
import Glibc
import LocalStack

struct DemoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "the whole journey of a row on this machine, with nothing to set up",
    discussion: """
      Starts a Kafka broker inside this process and a Postgres server in a folder of its own, has netflix-producer publish the CSV and \
      netflix-consumer land it, and shows the table. Then it does the same again, to show that no row is there twice, and sends a message \
      that is no row, to show where it goes. Nothing is left behind, whatever ends it.
      """,
    examples: [
      .init("The 21 quarters of this repository", "netflix demo"),
      .init("A hundred thousand made-up rows", "netflix demo --rows 100000"),
      .init("Look at the tables yourself afterwards", "netflix demo --keep"),
    ])

  @Option(help: ArgumentHelp("The CSV, with its datapackage.json beside it.", valueName: "FILE"))
  var csv = "data/netflix_revenue_updated.csv"

  @Option(help: ArgumentHelp("So many made-up rows, one a day, instead of the CSV's.", valueName: "N"), in: 1...SyntheticRows.maximum)
  var rows: Int?

  @Flag(help: "Leave Postgres running, and say how to look into it and how to end it.")
  var keep = false

  @Flag(help: "Do not end with the dashboard on the rows that landed (only a terminal ends with it).")
  var noDashboard = false

  @OptionGroup var output: OutputOptions

  mutating func run() throws {
    // What the user's environment says is about another Kafka and another Postgres.
    Environment.remove(prefixes: ["KAFKA_", "NETFLIX_", "PG", "DATABASE_URL"])
    // A second Ctrl-C must not leave a Postgres behind.
    Signals.install(secondEndsAtOnce: false)
    let source = try DemoSource(csv: csv, rows: rows)
    let story = DemoScenario(narrator: StepPrinter(quiet: output.log.level < .info, toStandardError: output.json), log: output.log)
    let stack = try story.start(source)
    defer { stack.close() }
    let summary = try story.run(of: source, on: stack)
    if output.json { try summary.write() }
    if keep { try story.keep(stack) }
    if !noDashboard, !output.json, isatty(STDOUT_FILENO) == 1, isatty(STDIN_FILENO) == 1 {
      try showDashboard(database: stack.databaseURL, dataset: source.dataset, log: output.log)
    }
  }
}
