import Console
import Dataset
import Glibc
import TestSupport
import Testing

@testable import CommonOptions

@Suite struct DatasetOptionsTests {
  private func description(_ resources: (name: String, path: String)...) -> String {
    let list = resources.map { #"{"name": "\#($0.name)", "path": "\#($0.path)", "schema": {"fields": [{"name": "a", "type": "string"}]}}"# }
    return #"{"resources": [\#(list.joined(separator: ", "))]}"#
  }

  @Test func `an option overrides its environment variable`() throws {
    let environment = ["NETFLIX_DATASET": "their.json", "NETFLIX_RESOURCE": "theirs"]
    for words in [[], ["--dataset", "my.json", "--resource", "mine"]] {
      let sample = try Sample.parsed(words, environment)
      #expect(sample.dataset.dataset == (words.isEmpty ? "their.json" : "my.json"))
      #expect(sample.dataset.resource == (words.isEmpty ? "theirs" : "mine"))
      #expect(sample.dataset.file == sample.dataset.dataset)
    }
    let unset = try Sample.parsed([], [:]).dataset
    #expect(unset.dataset == nil && unset.resource == nil)
    let csv = try CSVSample.parsed(["--dataset", "my.json"], environment).dataset
    #expect(csv.dataset == "my.json" && csv.resource == "theirs")
  }

  @Test(arguments: [("a.csv", "datapackage.json"), ("data/a.csv", "data/datapackage.json"), ("/data/a.csv", "/data/datapackage.json")])
  func `the description of a CSV is in its folder`(csv: String, file: String) {
    #expect(DescriptionFile.find(forCSV: csv) == file)
  }

  @Test(arguments: ["-", "/dev/stdin", "/dev/fd/63", "/proc/self/fd/0"])
  func `nothing is beside a stream`(path: String) {
    #expect(DescriptionFile.isStream(path))
    #expect(DescriptionFile.find(forCSV: path) == DescriptionFile.find(forCSV: nil))
  }

  @Test func `the resource is the one with the CSV's name, the named one, or the only one`() throws {
    try withTemporaryFolder { folder in
      let file = try folder.write("datapackage.json", description(("one", "a.csv"), ("two", "b.csv")))
      let csv = try folder.write("b.csv", "a\n")
      var options = CSVDatasetOptions()
      #expect(try options.load(forCSV: csv).name == "two")
      options = try CSVSample.parsed(["--resource", "one"], [:]).dataset
      #expect(try options.load(forCSV: csv).name == "one")
      options = try CSVSample.parsed(["--dataset", file, "--resource", "none"], [:]).dataset
      #expect(throws: DatasetError.self) { try options.load(forCSV: csv) }
      let single = try folder.write("single.json", description(("only", "c.csv")))
      #expect(try Sample.parsed(["--dataset", single], [:]).dataset.load().name == "only")
    }
  }

  @Test func `a description that was found is not used for a CSV that it does not list; a named one is`() throws {
    try withTemporaryFolder { folder in
      let file = try folder.write("datapackage.json", description(("one", "a.csv"), ("two", "b.csv")))
      let single = try folder.write("single.json", description(("only", "a.csv")))
      let csv = try folder.write("other.csv", "a\n")
      #expect(
        throws: CommandError(
          .config, "\(file) describes a.csv, b.csv, not \(csv)",
          hint: """
            If \(csv) has the same columns: --dataset \(file).
            Else describe it: netflix describe \(csv) > FILE.json, then add --dataset FILE.json to the command.
            """)
      ) { try CSVDatasetOptions().load(forCSV: csv) }
      #expect(try CSVSample.parsed(["--dataset", single], [:]).dataset.load(forCSV: csv).name == "only")
    }
  }

  @Test func `a description that cannot be read is 66, with what writes one`() throws {
    try withTemporaryFolder { folder in
      let hint = "--dataset names another; 'netflix describe FILE.csv > datapackage.json' makes a first one."
      let file = folder.path + "/none.json"
      #expect(throws: CommandError(.noInput, "\(file): no such description", hint: hint)) { try DescriptionFile.load(file) }
      #expect(
        throws: CommandError(.noInput, "\(folder.path): is a folder, not a description", hint: "Name the file itself.\n" + hint)
      ) { try DescriptionFile.load(folder.path) }
    }
  }

  @Test func `an error of a dataset has its location; bad data is 65, an invalid description 78`() {
    #expect(
      DatasetError(.data, "not a date", file: "a.csv", line: 2, column: 3, hint: "fix it").commandError
        == CommandError(.badData, "a.csv:2:3: not a date", hint: "Fix it."))
    for kind in [DatasetError.Kind.invalidDescription, .unsupportedDescription] {
      #expect(
        DatasetError(kind, "no", file: "d.json", path: "resources[0].name").commandError
          == CommandError(.config, "d.json: resources[0].name: no"))
    }
  }

  @Test(
    arguments: [([], .info), (["-v"], .debug), (["-vv"], .debug), (["-q"], .warning), (["-qq"], .error), (["-vq"], .info)]
      as [(
        [String], Log.Level
      )])
  func `-v and -q set the level of the log`(words: [String], level: Log.Level) throws {
    let output = try Sample.parsed(words, [:]).output
    #expect(output.log.level == level)
    #expect(!output.json)
    #expect(try Sample.parsed(words + ["--json"], [:]).output.json)
  }
}
