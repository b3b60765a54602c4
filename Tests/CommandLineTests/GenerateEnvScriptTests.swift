import Foundation
import TestSupport
import Testing

@Suite("scripts/generate-env.sh")
struct GenerateEnvScriptTests {
  /// Runs a copy of the script with `base64` replaced by a stub.
  private func withCopy(base64: String, _ body: (TemporaryFolder, ProgramResult) throws -> Void) throws {
    try withTemporaryFolder { folder in
      for directory in ["scripts", "bin"] {
        try FileManager.default.createDirectory(atPath: "\(folder.path)/\(directory)", withIntermediateDirectories: true)
      }
      for file in ["scripts/generate-env.sh", ".env.example"] {
        try folder.write(file, try #require(readFile("\(TestProject.folder)/\(file)")))
      }
      try folder.writeExecutable("bin/base64", "#!/bin/sh\n\(base64)\n")
      let result = try run(
        "/bin/bash", ["\(folder.path)/scripts/generate-env.sh"], environment: ["PATH": "\(folder.path)/bin:/usr/bin:/bin"])
      try body(folder, result)
    }
  }

  /// The base64 of macOS has no -w.
  @Test func `writes five random secrets with a base64 that knows no options`() throws {
    try withCopy(base64: "[ $# = 0 ] || exit 64; exec /usr/bin/base64") { folder, result in
      #expect(result.status == 0)
      let lines = try #require(folder.read(".env")).split(separator: "\n").filter { !$0.hasPrefix("#") }
      let lengths = lines.map { line in line.split(separator: "=", maxSplits: 1).map(String.init) }.map { [$0[0], "\($0[1].count)"] }
      #expect(
        lengths == [
          ["AIRFLOW_ADMIN_PASSWORD", "16"], ["AIRFLOW_DB_PASSWORD", "24"], ["AIRFLOW_FERNET_KEY", "44"], ["AIRFLOW_SECRET_KEY", "44"],
          ["AIRFLOW_JWT_SECRET", "88"],
        ])
      #expect(Set(lines.map { $0.split(separator: "=", maxSplits: 1)[1].prefix(16) }).count == 5)
    }
  }

  @Test(arguments: ["exit 0", "echo invalid option >&2; exit 64"])
  func `a base64 that prints nothing is an error, and .env is not written`(base64: String) throws {
    try withCopy(base64: base64) { folder, result in
      #expect(result.status == 70)
      #expect(result.errors.hasSuffix("base64 failed: no random secret, .env was not written\n"))
      #expect(folder.read(".env") == nil)
      #expect(folder.read(".env.new") == nil)
    }
  }
}
