import CommonOptions
import Console
import NiFiFlow

/// NiFi's flow for a dataset, made of its description.
struct NiFiTemplateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "nifi-template",
    abstract: "makes NiFi's flow for a dataset: a template for NiFi 1.x",
    discussion: """
      The flow reads the described CSV and publishes each row as netflix-producer does, byte for byte. What NiFi cannot do as the \
      description asks is refused (78), by field and property. The same description gives the same template; its process group carries a \
      hash of it in its comments, by which the DAG sees whether NiFi has this very flow.
      """,
    examples: [
      .init("The one of this repository", "netflix nifi-template --output nifi/flow_template.xml"),
      .init("Another dataset's, to standard output", "netflix nifi-template --dataset films/datapackage.json"),
    ])

  @OptionGroup var dataset: DatasetOptions

  @Option(
    name: .shortAndLong, help: ArgumentHelp("The file to write, as a whole or not at all.", valueName: "FILE", default: "standard output"))
  var output: String?

  mutating func run() throws {
    let template = try FlowTemplate(resource: dataset.load(), file: dataset.file)
    guard let output else { return try StandardOutput.print(template.xml, terminator: "") }
    try AtomicFile.write(output) { write in try write(template.xml) }
  }
}
