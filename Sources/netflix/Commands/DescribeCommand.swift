import CommonOptions
import Console
import Dataset
import Foundation

struct DescribeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Infer a first description of a CSV from its data.",
    discussion: """
      Reads the whole file and prints a Data Package (datapackage.org) on standard output: a type and format for each column, a key where a \
      column is unique. The three programs and 'frictionless validate' accept it unchanged. Ambiguities are reported on standard error.
      """,
    examples: [
      .init(
        "Write the description into the folder of the CSV, where the programs look for it", "netflix describe sales.csv > datapackage.json"),
      .init("Then print its messages", "netflix-producer --dry-run sales.csv"),
    ])

  @Argument(help: ArgumentHelp("The CSV; - reads standard input.", valueName: "CSV"))
  var csv: String

  @Flag(name: .shortAndLong, help: "Do not report ambiguities.")
  var quiet = false

  mutating func run() throws {
    let file = try InputFile(csv, what: "CSV")
    // ICU's transliteration: Дата becomes Data, 日期 ri qi, Größe Grosse.
    let latin = StringTransform("Any-Latin; Latin-ASCII")
    let result = try Dataset.SchemaInference.describe(
      source: file.name, transliterate: { $0.applyingTransform(latin, reverse: false) ?? $0 }, read: { try file.read(into: &$0) })
    try StandardOutput.print(result.json, terminator: result.json.hasSuffix("\n") ? "" : "\n")
    let log = Log(verbose: 0, quiet: quiet ? 1 : 0)
    for note in result.notes { log.info(note) }
  }
}
