import Console
import Dataset
import Glibc

/// The options for the description, for a command that reads no CSV.
package struct DatasetOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The description of the data (a Data Package).", valueName: "FILE", default: "datapackage.json, else data/datapackage.json"),
    environment: "NETFLIX_DATASET")
  package var dataset: String?

  /// `--resource`
  @Option(
    help: ArgumentHelp("The resource of the description, if it has several.", valueName: "NAME"), environment: "NETFLIX_RESOURCE")
  package var resource: String?

  /// The default values.
  package init() {}

  /// The description: the one that was named, else the one that is found.
  package var file: String { dataset ?? DescriptionFile.find(forCSV: nil) }

  /// The description's resource; see ``DescriptionFile/resource(named:forCSV:in:)``.
  ///
  /// - Throws: `CommandError` if there is no description, it is invalid (78), or has no such resource.
  package func load() throws -> Resource { try DescriptionFile.resource(named: resource, forCSV: nil, in: dataset) }
}

/// The options for the description, for a command that reads a CSV: by default the one in the CSV's folder.
package struct CSVDatasetOptions: ParsableArguments {
  /// `--dataset`
  @Option(
    help: ArgumentHelp("The description of the data (a Data Package).", valueName: "FILE", default: "datapackage.json in the CSV's folder"),
    environment: "NETFLIX_DATASET")
  package var dataset: String?

  /// `--resource`
  @Option(
    help: ArgumentHelp("The resource of the description, if it has several and none has this CSV's name.", valueName: "NAME"),
    environment: "NETFLIX_RESOURCE")
  package var resource: String?

  /// The default values.
  package init() {}

  /// The resource of `csv`: the one whose path is its name, else the only one. Standard input (`-`) uses the repository's description.
  ///
  /// - Throws: ``CommandError`` 66 if the description cannot be read; `DatasetError` if it is not a valid description.
  package func load(forCSV csv: String) throws -> Resource {
    try DescriptionFile.resource(named: resource, forCSV: csv, in: dataset)
  }
}

/// A description in a file.
package enum DescriptionFile {
  /// Reads a description.
  ///
  /// - Throws: ``CommandError`` 66 if it cannot be read; `DatasetError` if it is not a valid description.
  package static func load(_ path: String) throws -> DataPackage {
    do {
      return try DataPackage(json: try InputFile.contents(path, what: "description"), file: path)
    } catch var failure as CommandError where failure.code == .noInput {
      failure.hint = [failure.hint, "--dataset names another; 'netflix describe FILE.csv > datapackage.json' makes a first one."].compactMap
      { $0 }
      .joined(separator: "\n")
      throw failure
    }
  }

  /// The description's resource for a CSV: the one whose path is its name, else the only one.
  ///
  /// A description that was found, not named, applies only to the CSVs that it lists.
  ///
  /// - Parameters:
  ///   - name: the resource, where it was named.
  ///   - csv: nil: no CSV is read.
  ///   - file: the description, where it was named; else the one that ``find(forCSV:)`` finds.
  /// - Throws: ``CommandError`` 66 if the description cannot be read, 78 if it does not list the CSV; `DatasetError` if it is not valid.
  package static func resource(named name: String?, forCSV csv: String?, in file: String?) throws -> Resource {
    let found = file ?? find(forCSV: csv)
    let package: DataPackage
    do {
      package = try load(found)
    } catch var failure as CommandError where file == nil && found == inData && access(found, F_OK) != 0 {
      failure.message += ", and no \(inFolder) here"
      throw failure
    }
    func last(_ path: String) -> Substring { path.split(separator: "/").last ?? "" }
    // A missing CSV is reported when it is opened, and the name of a pipe does not identify a resource.
    var status = stat()
    if file == nil, name == nil, let csv, stat(csv, &status) == 0, status.st_mode & S_IFMT == S_IFREG, !isStream(csv),
      !package.resources.contains(where: { last($0.path) == last(csv) })
    {
      let paths = package.resources.map(\.path).joined(separator: ", ")
      throw CommandError(
        .config, "\(found) describes \(paths), not \(csv)",
        hint: """
          If \(csv) has the same columns: --dataset \(found).
          Else describe it: netflix describe \(csv) > FILE.json, then add --dataset FILE.json to the command.
          """)
    }
    return try package.resource(named: name, forCSV: csv)
  }

  /// The description for a CSV where none is named: `datapackage.json` in its folder. Without a CSV, and for standard input: here, else in
  /// `data`.
  package static func find(forCSV csv: String?) -> String {
    if let csv, !isStream(csv) { return beside(csv) }
    return access(inFolder, F_OK) == 0 ? inFolder : inData
  }

  private static let inFolder = "datapackage.json"
  private static let inData = "data/datapackage.json"

  /// Whether a path names what a shell or a program hands over (`-`, `/dev/stdin`, `/dev/fd/63`): its name says nothing, and nothing is beside it.
  package static func isStream(_ path: String) -> Bool { path == "-" || path.hasPrefix("/dev/") || path.hasPrefix("/proc/") }

  /// `datapackage.json` in the folder of `csv`.
  private static func beside(_ csv: String) -> String {
    guard let slash = csv.lastIndex(of: "/") else { return inFolder }
    return csv[...slash] + inFolder
  }
}

extension DatasetError: CommandErrorConvertible {
  /// 65 for invalid data, 78 for an invalid description, with the location in the message.
  package var commandError: CommandError {
    let inside = path.map { $0.isEmpty ? "" : "\($0): " } ?? ""
    return CommandError(kind == .data ? .badData : .config, "\(sourceLocation): \(inside)\(message)", hint: hint)
  }
}
