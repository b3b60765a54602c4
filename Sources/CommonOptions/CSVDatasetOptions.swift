import Console
import Dataset

/// Which description, for a command that reads a CSV: it stands beside it unless told otherwise.
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

  /// The resource of `csv`: the one whose path is its name, else the only one. Standard input (`-`) has the repository's description.
  ///
  /// - Throws: ``Failure`` 66 where the description is not to be read; `DatasetError` where it is none.
  public func load(forCSV csv: String) throws -> Resource {
    let file = dataset ?? (csv == "-" ? DatasetOptions.defaultFile : DescriptionFile.beside(csv))
    return try DescriptionFile.load(file).resource(named: resource, forCSV: csv)
  }
}
