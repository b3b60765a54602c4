import CommonOptions
import Console

/// A command with the options that programs share.
struct Sample: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "A sample.", examples: [])

  @OptionGroup(title: "Kafka")
  var kafka: KafkaOptions

  @OptionGroup(title: "Dataset")
  var dataset: DatasetOptions

  @OptionGroup(title: "Output")
  var output: OutputOptions
}

/// As ``Sample``, for a command that reads a CSV.
struct CSVSample: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "A sample.", examples: [])

  @OptionGroup(title: "Dataset")
  var dataset: CSVDatasetOptions
}

extension ParsableCommand {
  /// The command of a command line and an environment.
  static func parsed(_ words: [String], _ environment: [String: String]) throws -> Self {
    guard case .run(let command) = try parse(words, environment: { environment[$0] }), let sample = command as? Self else {
      throw CommandError(.internal, "no run")
    }
    return sample
  }
}
