import Foundation
import TestSupport

/// A running `netflix dashboard` in a folder with the real CSV, on a port that the system chooses.
struct DashboardFixture {
  let program: RunningProgram
  let port: Int

  /// Starts it with `--json` and waits for its summary line.
  init(_ fixture: WarehouseFixture, _ arguments: [String], environment: [String: String] = [:]) throws {
    program = try RunningProgram(
      "netflix", ["dashboard", "--json"] + arguments,
      environment: ["DATABASE_URL": fixture.database, "NETFLIX_RETRY_SECONDS": "1", "NETFLIX_DASHBOARD_PORT": "0"].merging(environment) {
        $1
      },
      directory: fixture.folder.path)
    let program = program
    try program.wait(until: "it prints its address, or ends") { program.output.hasSuffix("\n") || !program.isRunning }
    let address = program.output.firstMatch(of: /"url":"http:\/\/127\.0\.0\.1:([0-9]+)"/)
    guard let port = address.flatMap({ Int($0.1) }) else { throw TestSupportError("no address: \(program.output)\(program.errors)") }
    self.port = port
  }

  /// An open page that has received its version.
  func page() throws -> RawHTTPClient {
    let client = try RawHTTPClient(port: port, timeoutSeconds: 60)
    client.send("GET /api/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
    _ = try client.read(through: "\n\n")
    return client
  }

  func get(_ path: String) throws -> String { try httpGet(path, port: port).text }

  func stop(_ signal: Int32 = SIGTERM) throws -> ProgramResult {
    program.signal(signal)
    return try program.wait()
  }
}
