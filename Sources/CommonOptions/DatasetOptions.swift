import Console
import Dataset

/// Which description, for a command that reads no CSV.
public struct DatasetOptions: ParsableArguments {
  public static let defaultFile = "data/datapackage.json"

  @Option(help: ArgumentHelp("The description of the data (a Data Package).", valueName: "FILE"), environment: "NETFLIX_DATASET")
  public var dataset = defaultFile

  @Option(
    help: ArgumentHelp("Which of the description's resources, where it has several.", valueName: "NAME"), environment: "NETFLIX_RESOURCE")
  public var resource: String?

  public init() {}

  /// The description's resource.
  ///
  /// - Throws: ``Failure`` 66 where the description is not to be read; `DatasetError` where it is none.
  public func load() throws -> Resource {
    try DescriptionFile.load(dataset).resource(named: resource, forCSV: nil)
  }
}
