import Foundation
import TestSupport
import Testing

/// The commands of the documents, run as a reader runs them.
///
/// Of a document the fenced blocks marked `sh` are commands. They run in order, each in a shell that knows what earlier blocks exported. A
/// block marked `text` behind one is what it prints, standard error included.
@Suite("the documents' commands")
struct DocumentTests {
  private struct Block {
    let commands: String
    var output = ""
  }

  private func read(_ document: String) throws -> String { try #require(readFile(TestProject.folder + "/" + document)) }

  /// The blocks of a document, or of its part below a heading.
  private func blocks(_ document: String, below heading: String? = nil) throws -> [Block] {
    var text = try read(document)[...]
    if let heading {
      text = text[try #require(text.firstRange(of: "\n## \(heading)\n")).upperBound...]
      if let next = text.firstRange(of: "\n## ") { text = text[..<next.lowerBound] }
    }
    var blocks: [Block] = []
    for match in text.matches(of: #/(?m)^```(sh|text)\n((?s).*?)^```$/#) {
      if match.1 == "sh" {
        blocks.append(Block(commands: String(match.2)))
      } else {
        try #require(!blocks.isEmpty, "output before any command")
        blocks[blocks.count - 1].output = String(match.2)
      }
    }
    try #require(!blocks.isEmpty, "\(document) has no commands")
    return blocks
  }

  /// The environment of a reader with a broker and an empty database; topics are real, so each test has its own.
  private func environment(_ servers: String, _ database: String, topic: String) -> [String: String] {
    [
      "PATH": "\(TestProject.products):/usr/local/bin:/usr/bin:/bin", "KAFKA_BOOTSTRAP_SERVERS": servers, "DATABASE_URL": database,
      "NETFLIX_TOPIC": topic, "NETFLIX_DASHBOARD_PORT": "0", "NETFLIX_RETRY_SECONDS": "30",
    ]
  }

  /// Runs a block; what it exports is there for the next one of this folder.
  private func run(_ block: Block, _ folder: TemporaryFolder, _ environment: [String: String]) throws -> ProgramResult {
    let script = """
      if [ -e .exports ]; then . ./.exports; fi
      exec 2>&1
      set -e
      \(block.commands)
      export -p >.exports
      """
    return try TestSupport.run("/bin/bash", ["-c", script], environment: environment, directory: folder.path)
  }

  @Test func `the tutorial leads from a new CSV to the dashboard, and prints what it says`() throws {
    try withBroker { servers throws in
      try withDatabase { database throws in
        try withTemporaryFolder { folder throws in
          let topic = uniqueTopic()
          let environment = environment(servers, database, topic: topic)
          var hasDashboard = false
          for block in try blocks("docs/tutorial.md") {
            if block.commands.hasPrefix("netflix dashboard") {
              hasDashboard = true
              try dashboard(block.commands, folder, environment)
              continue
            }
            let result = try run(block, folder, environment)
            let output = result.output.replacing(topic, with: "rides").replacing(
              #/[^ (]+@[^ ]+ rides_raw/#, with: "netflix@localhost:5432/netflixdb rides_raw")
            #expect(output == block.output, "\(block.commands)")
            #expect(result.status == 0, "\(block.commands)")
          }
          #expect(hasDashboard)
          #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path + "/outputs").contains("rides_forecast.png"))
        }
      }
    }
  }

  /// Options of other programs that the documents name.
  private static let foreign: Set = [
    "--rm", "--now", "--list", "--profile", "--scale", "--wait", "--start", "--reset-offsets", "--bootstrap-server", "--only",
    "--explicit-target-dependency-import-check",
  ]

  @Test func `the options and variables that the documents name are those of the programs`() throws {
    let netflix = try TestSupport.run("netflix", ["--help"]).output
    func commands(_ help: String) -> [String] { help.matches(of: #/(?m)^  ([a-z-]+)  /#).map { String($0.1) } }
    try #require(commands(netflix).count >= 13)
    var help = netflix
    for program in ["netflix-producer", "netflix-consumer"] { help += try TestSupport.run(program, ["--help"]).output }
    for command in commands(netflix) {
      let text = try TestSupport.run("netflix", [command, "--help"]).output
      help += text
      guard text.contains("\nCOMMANDS\n") else { continue }
      for nested in commands(text) { help += try TestSupport.run("netflix", [command, nested, "--help"]).output }
    }
    func names(_ text: String) -> Set<String> {
      Set(text.matches(of: #/(?:^|[^A-Za-z_-])(--[a-z][a-z-]*[a-z]|NETFLIX_[A-Z_]*[A-Z])/#).map { String($0.1) })
    }
    // The help does not list it: packages use it.
    let hidden: Set = ["--generate-completion-script"]
    let known = names(help).union(hidden)
    let documents = try FileManager.default.contentsOfDirectory(atPath: TestProject.folder + "/docs").filter { $0.hasSuffix(".md") }
    for document in ["README.md"] + documents.map({ "docs/\($0)" }) {
      #expect(names(try read(document)).subtracting(known).subtracting(Self.foreign) == [], "\(document)")
    }
  }

  @Test func `the documents' links lead to files and headings`() throws {
    let names = try FileManager.default.subpathsOfDirectory(atPath: TestProject.folder + "/docs").filter { $0.hasSuffix(".md") }
    for document in ["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "nifi/README.md"] + names.map({ "docs/\($0)" }) {
      let folder = document.lastIndex(of: "/").map { String(document[...$0]) } ?? ""
      for match in try read(document).matches(of: #/\]\(([^)\s#]*)(?:#([^)\s]+))?\)/#)
      where !match.1.contains("://") {
        let path = match.1.isEmpty ? document : folder + String(match.1)
        guard FileManager.default.fileExists(atPath: "\(TestProject.folder)/\(path)") else {
          Issue.record("\(document): there is no \(path)")
          continue
        }
        guard let heading = match.2 else { continue }
        let headings = try read(path).matches(of: #/(?m)^#+ (.*)$/#).map { match in
          // As GitHub makes an anchor of a heading.
          match.1.lowercased().replacing(" ", with: "-").filter { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" }
        }
        #expect(headings.contains(String(heading)), "\(document): \(path) has no heading \(heading)")
      }
    }
  }

  /// Starts the dashboard as the tutorial does, and asks it for the figure that the tutorial names.
  private func dashboard(_ command: String, _ folder: TemporaryFolder, _ environment: [String: String]) throws {
    let tutorial = try read("docs/tutorial.md")
    let path = try #require(tutorial.firstMatch(of: #/curl 'http://localhost:8501(.*?)'/#)).1
    let figure = try #require(tutorial.firstMatch(of: #/last point of the answer is December's: `(.*?)`/#)).1
    let program = try RunningProgram(
      "/bin/bash", ["-c", ". ./.exports; exec \(command)"], environment: environment, directory: folder.path)
    try program.wait(until: "the dashboard has an address") { program.errors.contains("dashboard: http") || !program.isRunning }
    let port = try #require(program.errors.firstMatch(of: #/http://127\.0\.0\.1:([0-9]+)/#).flatMap { Int($0.1) })
    let answer = try httpGet(String(path), port: port).text
    let last = try #require(answer.split(separator: "{").last)
    #expect(last.contains("\"2025-12-31\""))
    #expect(last.contains(figure))
    program.signal(SIGINT)
    #expect(try program.wait().status == 0)
  }

  /// A folder with the real CSV and its description in `data`, beside a broker and an empty database.
  private func withProject(_ body: (TemporaryFolder, [String: String]) throws -> Void) throws {
    try withBroker { servers throws in
      try withDatabase { database throws in
        try WarehouseFixture.with { fixture throws in
          try body(fixture.folder, environment(servers, database, topic: uniqueTopic()))
        }
      }
    }
  }

  @Test func `the README's commands carry the CSV from the topic to the charts`() throws {
    try withProject { folder, environment throws in
      for block in try blocks("README.md", below: "Without Compose") {
        let result = try run(block, folder, environment)
        #expect(result.status == 0, "\(result)")
        #expect(result.output.contains("data/netflix_revenue_updated.csv: 21 rows, all as in netflix_raw\n"))
      }
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: folder.path + "/outputs").sorted() == [
          "arpu_trends.png", "global_revenue_forecast.png", "membership_trends.png", "revenue_trends.png",
        ])
    }
  }

  @Test func `rejected records are repaired as docs/tables.md says`() throws {
    try withProject { folder, environment throws in
      func query(_ sql: String) throws -> String {
        try TestSupport.run("/usr/bin/psql", ["-Atc", sql, environment["DATABASE_URL"] ?? ""]).output
      }
      func start(_ program: String, _ arguments: String...) throws {
        try #require(try TestSupport.run(program, arguments, environment: environment, directory: folder.path).status == 0)
      }
      try start("netflix-producer", "data/netflix_revenue_updated.csv")
      try start("netflix-consumer", "--exit-at-end")
      try #require(query("ALTER TABLE netflix_raw ADD CONSTRAINT strict CHECK (total_members < 260000000) NOT VALID") == "ALTER TABLE\n")
      try start("netflix-producer", "data/netflix_revenue_updated.csv")
      try start("netflix-consumer", "--exit-at-end")
      try #require(query("SELECT count(*) FROM netflix_rejected") == "2\n")

      let commands = try blocks("docs/tables.md", below: "netflix_rejected").map(\.commands)
      try #require(commands.count == 3)
      let shown = try run(Block(commands: commands[0]), folder, environment)
      #expect(shown.status == 0)
      #expect(shown.output.contains("violates check constraint \"strict\""))
      #expect(shown.output.contains(": 2 rejected records\n"))

      let coordinates = try query("SELECT kafka_partition, kafka_offset FROM netflix_rejected LIMIT 1").split(
        whereSeparator: "|\n".contains)
      let deletion = commands[1].replacing("--partition 0 --offset 1", with: "--partition \(coordinates[0]) --offset \(coordinates[1])")
      #expect(try run(Block(commands: deletion), folder, environment).output == "1 rejected record deleted\n")

      try #require(query("ALTER TABLE netflix_raw DROP CONSTRAINT strict") == "ALTER TABLE\n")
      #expect(try run(Block(commands: commands[2]), folder, environment).status == 0)
      #expect(try query("SELECT count(*) FROM netflix_rejected") == "0\n")
      #expect(try query("SELECT count(*) FROM netflix_raw") == "21\n")
    }
  }
}
