import CommonOptions
import Console
import NiFiFlow

/// Prints the NiFi flow for a dataset's description.
struct NiFiTemplateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "nifi-template",
    abstract: "Print a NiFi 1.x flow template for a dataset.",
    discussion: """
      The flow reads the described CSV and publishes each row as netflix-producer does, byte for byte. A feature of the description that NiFi \
      does not support is an error (78) with the field and the property. The same description gives the same template; the comments of its \
      process group contain a hash, by which the DAG checks whether NiFi has this exact flow.
      """,
    examples: [
      .init("The template of this repository", "netflix nifi-template --output nifi/flow_template.xml"),
      .init("Another dataset, to standard output", "netflix nifi-template --dataset films/datapackage.json"),
    ])

  @OptionGroup var dataset: DatasetOptions

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("The output file, written atomically; - is standard output.", valueName: "FILE", default: "-"))
  var output: String?

  mutating func run() throws {
    let template = try FlowTemplate(resource: dataset.load(), file: dataset.file)
    try AtomicFile.write(output) { write in try write(template.xml) }
  }
}
