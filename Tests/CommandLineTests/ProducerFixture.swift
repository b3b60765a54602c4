import TestSupport

/// A folder with a small described CSV, and `netflix-producer` run in it.
struct ProducerFixture {
  static let description = """
    {"resources": [{"name": "people", "path": "people.csv", "schema": {"primaryKey": "Id",
      "fields": [{"name": "Id", "type": "integer"}, {"name": "Name", "type": "string", "constraints": {"maxLength": 5}}]}}]}
    """

  let folder: TemporaryFolder
  var servers = "127.0.0.1:1"

  /// Runs a test in such a folder.
  static func with<T>(_ csv: String = "Id,Name\n1,Ann\n2,Bob\n", servers: String = "127.0.0.1:1", _ body: (ProducerFixture) throws -> T)
    throws -> T
  {
    try withTemporaryFolder { folder in
      try folder.write("datapackage.json", description)
      try folder.write("people.csv", csv)
      return try body(ProducerFixture(folder: folder, servers: servers))
    }
  }

  /// The program's result, with the seconds of its summary as 0 and the folder as FOLDER.
  func run(_ arguments: String..., environment: [String: String] = [:], input: String = "") throws -> ProgramResult {
    var result = try TestSupport.run(
      "netflix-producer", arguments, environment: ["KAFKA_BOOTSTRAP_SERVERS": servers].merging(environment) { $1 }, input: input,
      directory: folder.path)
    result.output.replace(#/"seconds":[0-9.e-]+/#, with: "\"seconds\":0")
    result.errors.replace(folder.path, with: "FOLDER")
    return result
  }

  func start(_ arguments: String...) throws -> (program: RunningProgram, pipe: NamedPipe) { try start(arguments) }

  /// The program with a pipe as its CSV; the test writes to the pipe, and the program ends when the pipe is closed.
  func start(_ arguments: [String]) throws -> (program: RunningProgram, pipe: NamedPipe) {
    let pipe = try NamedPipe(folder.path + "/pipe")
    let program = try RunningProgram(
      "netflix-producer", arguments + ["pipe"], environment: ["KAFKA_BOOTSTRAP_SERVERS": servers], directory: folder.path)
    return (program, pipe)
  }
}
