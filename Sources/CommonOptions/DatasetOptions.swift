import Console
import Dataset

/// The options for the description, for a command that reads no CSV.
public struct DatasetOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The description of the data (a Data Package).", valueName: "FILE", default: "datapackage.json, else data/datapackage.json"),
    environment: "NETFLIX_DATASET")
  public var dataset: String?

  /// `--resource`
  @Option(
    help: ArgumentHelp("Which of the description's resources, where it has several.", valueName: "NAME"), environment: "NETFLIX_RESOURCE")
  public var resource: String?

  /// The default values.
  public init() {}

  /// The description: the one that was named, else the one that is found.
  public var file: String { dataset ?? DescriptionFile.find(forCSV: nil) }

  /// The description's resource; see ``DescriptionFile/resource(named:forCSV:in:)``.
  public func load() throws -> Resource { try DescriptionFile.resource(named: resource, forCSV: nil, in: dataset) }
}
