import Foundation
import TestSupport
import Testing

/// scripts/packages.sh among stand-ins for the system's commands: nothing is really installed.
@Suite("The script that installs the system's packages")
struct PackagesScriptTests {
  private static let isKnownSystem =
    readFile("/etc/os-release").map { system in
      [("debian", "12"), ("debian", "13"), ("ubuntu", "24.04")].contains { name, version in
        system.contains("\nID=\(name)\n") && system.contains("\nVERSION_ID=\"\(version)\"\n")
      }
    } ?? false

  /// Commands that note how they were called, and packages that are there once apt-get was called for them.
  private func withStandIns(swift: String = "Swift version 6.3.1", _ body: (TemporaryFolder) throws -> Void) throws {
    try withTemporaryFolder { folder in
      let standIns = [
        "swift": "echo '\(swift) (swift-RELEASE)'",
        "dpkg-query": "[ -e \(folder.path)/installed ] && printf installed",
        "apt-get": "echo apt-get \"$@\" >> \(folder.path)/calls; [ \"$1\" = update ] || touch \(folder.path)/installed",
        "sudo": "exec \"$@\"",
        "mkdir": "echo mkdir \"$@\" >> \(folder.path)/calls",
        "tee": "echo tee \"$@\" $(cat) >> \(folder.path)/calls",
        "pkg-config": "exit 0",
      ]
      for (name, script) in standIns { chmod(try folder.write(name, "#!/bin/sh\n\(script)\n"), 0o755) }
      try body(folder)
    }
  }

  private func packages(_ folder: TemporaryFolder) throws -> ProgramResult {
    try run("/bin/bash", ["scripts/packages.sh"], environment: ["PATH": "\(folder.path):/usr/bin:/bin", "PACKAGES": ""])
  }

  @Test func `says nothing and does nothing where nothing is missing`() throws {
    try withStandIns { folder in
      try folder.write("installed", "")
      #expect(try packages(folder) == ProgramResult(status: 0))
      #expect(folder.read("calls") == nil)
    }
  }

  @Test(.enabled("only Debian 12, Debian 13 and Ubuntu 24.04 are installed on") { isKnownSystem })
  func `installs what is missing, once, and no cluster of the system's with it`() throws {
    let list = "librdkafka-dev libpq-dev postgresql libsqlite3-dev libmicrohttpd-dev gnuplot-nox fonts-dejavu-core libjs-chart.js"
    let cluster = "/etc/postgresql-common/createcluster.conf"
    let noCluster = "mkdir -p /etc/postgresql-common\ntee \(cluster) create_main_cluster = false\n"
    let calls =
      (FileManager.default.fileExists(atPath: cluster) ? "" : noCluster) + "apt-get install --no-install-recommends \(list) -q -y\n"
    try withStandIns { folder in
      let first = try packages(folder)
      #expect(first == ProgramResult(status: 0, errors: "Installing: \(list)\n"))
      let second = try packages(folder)
      #expect(second == ProgramResult(status: 0))
      #expect(folder.read("calls") == calls)
    }
  }

  @Test(arguments: ["Swift version 5.10", "Swift version 6.2.3"])
  func `an old Swift is told`(version: String) throws {
    try withStandIns(swift: version) { folder in
      let result = try packages(folder)
      #expect(result.status == 69)
      let number = version.dropFirst("Swift version ".count)
      #expect(
        result.errors == "Swift \(number) is too old: this project needs 6.3 or later (https://www.swift.org/install/linux/).\n")
      #expect(folder.read("calls") == nil)
    }
  }

  @Test(arguments: ["Swift version 6.3", "Swift version 6.10.1", "Swift version 7.0-dev"])
  func `a newer Swift is taken`(version: String) throws {
    try withStandIns(swift: version) { folder in
      try folder.write("installed", "")
      #expect(try packages(folder) == ProgramResult(status: 0))
    }
  }
}
