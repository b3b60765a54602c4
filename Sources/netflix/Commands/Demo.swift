import CommonOptions
import Console

struct Demo: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "the whole journey on this machine, with an embedded broker and a private Postgres")

  @OptionGroup var output: OutputOptions

  mutating func run() throws {
    throw Failure(.unavailable, "the demo is not built yet")
  }
}
