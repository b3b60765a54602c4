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

  @Test("the tutorial leads from a new CSV to the dashboard, and prints what it says")
  func tutorial() throws {
    try withBroker { servers throws in
      try withDatabase { database throws in
        try withTemporaryFolder { folder throws in
          let topic = uniqueTopic()
          let environment = environment(servers, database, topic: topic)
          let place = try #require(database.firstMatch(of: #/postgresql://(.*?)(\?|$)/#)).1
          var hasDashboard = false
          for block in try blocks("docs/tutorial.md") {
            if block.commands.hasPrefix("netflix dashboard") {
              hasDashboard = true
              try dashboard(block.commands, folder, environment)
              continue
            }
            let result = try run(block, folder, environment)
            let output = result.output.replacing(topic, with: "rides").replacing(place, with: "netflix@localhost:5432/netflixdb")
            #expect(output == block.output, "\(block.commands)")
            #expect(result.status == 0, "\(block.commands)")
          }
          #expect(hasDashboard)
          #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path + "/outputs").contains("rides_forecast.png"))
        }
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
}
