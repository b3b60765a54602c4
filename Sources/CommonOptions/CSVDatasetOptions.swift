import Console
import Dataset

/// The options for the description, for a command that reads a CSV: by default the one in the CSV's folder.
public struct CSVDatasetOptions: ParsableArguments {
  /// `--dataset`
  @Option(
    help: ArgumentHelp("The description of the data (a Data Package).", valueName: "FILE", default: "datapackage.json in the CSV's folder"),
    environment: "NETFLIX_DATASET")
  public var dataset: String?

  /// `--resource`
  @Option(
    help: ArgumentHelp("Which of the description's resources, where it has several and none is this CSV.", valueName: "NAME"),
    environment: "NETFLIX_RESOURCE")
  public var resource: String?

  /// The default values.
  public init() {}

  /// The resource of `csv`: the one whose path is its name, else the only one. Standard input (`-`) uses the repository's description.
  ///
  /// - Throws: ``CommandError`` 66 if the description cannot be read; `DatasetError` if it is not a valid description.
  public func load(forCSV csv: String) throws -> Resource {
    try DescriptionFile.resource(named: resource, forCSV: csv, in: dataset)
  }
}
