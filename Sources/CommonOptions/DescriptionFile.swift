import Console
import Dataset

/// A description as a file.
public enum DescriptionFile {
  /// - Throws: ``Failure`` 66 where it is not to be read; `DatasetError` where it is no description.
  public static func load(_ path: String) throws -> DataPackage {
    do {
      return try DataPackage(json: try InputFile.contents(path, what: "description"), file: path)
    } catch var failure as Failure where failure.code == .noInput {
      failure.advice = [failure.advice, "--dataset names another; 'netflix describe FILE.csv' writes a first one."].compactMap { $0 }
        .joined(separator: "\n")
      throw failure
    }
  }

  /// `datapackage.json` in the folder of `csv`.
  public static func beside(_ csv: String) -> String {
    guard let slash = csv.lastIndex(of: "/") else { return "datapackage.json" }
    return csv[...slash] + "datapackage.json"
  }
}
