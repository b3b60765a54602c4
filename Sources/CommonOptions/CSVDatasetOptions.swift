import Console
import Dataset

/// Which description, for a command that reads a CSV: the one beside it, unless another is named.
public struct CSVDatasetOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("The description of the data (a Data Package).", valueName: "FILE", default: "datapackage.json in the CSV's folder"),
    environment: "NETFLIX_DATASET")
  public var dataset: String?

  @Option(
    help: ArgumentHelp("Which of the description's resources, where it has several and none is this CSV.", valueName: "NAME"),
    environment: "NETFLIX_RESOURCE")
  public var resource: String?

  public init() {}

  /// The resource of `csv`; see ``DescriptionFile/resource(named:forCSV:in:)``.
  public func load(forCSV csv: String) throws -> Resource {
    try DescriptionFile.resource(named: resource, forCSV: csv, in: dataset)
  }
}
