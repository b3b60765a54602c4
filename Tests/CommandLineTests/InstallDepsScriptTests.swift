import Foundation
import TestSupport
import Testing

/// scripts/install-deps.sh with stubs instead of the system's commands: nothing is installed.
@Suite("scripts/install-deps.sh")
struct InstallDepsScriptTests {
  private static let isKnownSystem =
    readFile("/etc/os-release").map { system in
      [("debian", "12"), ("debian", "13"), ("ubuntu", "24.04")].contains { name, version in
        system.contains("\nID=\(name)\n") && system.contains("\nVERSION_ID=\"\(version)\"\n")
      }
    } ?? false

  /// Stubs that record their calls. All packages count as installed after the first `apt-get install`.
  private func withStubs(swift: String? = "echo 'Swift version 6.3.1 (swift-RELEASE)'", _ body: (TemporaryFolder) throws -> Void) throws {
    try withTemporaryFolder { folder in
      var stubs = [
        "dpkg-query": "[ -e \(folder.path)/installed ] && printf installed",
        "apt-get": "echo apt-get \"$@\" >> \(folder.path)/calls; [ \"$1\" = update ] || touch \(folder.path)/installed",
        "sudo": "[ \"$1\" = -v ] || exec \"$@\"",
        "mkdir": "echo mkdir \"$@\" >> \(folder.path)/calls",
        "tee": "echo tee \"$@\" $(cat) >> \(folder.path)/calls",
        "pkg-config": "exit 0",
      ]
      stubs["swift"] = swift
      for (name, script) in stubs { try executable(folder, name, script) }
      try body(folder)
    }
  }

  private func executable(_ folder: TemporaryFolder, _ name: String, _ script: String) throws {
    try folder.writeExecutable(name, "#!/bin/sh\n\(script)\n")
  }

  private func installDeps(
    _ folder: TemporaryFolder, path: String = "/usr/bin:/bin", environment: [String: String] = [:]
  ) throws -> ProgramResult {
    let variables = ["PATH": "\(folder.path):\(path)", "PACKAGES": ""]
    return try run("/bin/bash", ["scripts/install-deps.sh"], environment: variables.merging(environment) { $1 })
  }

  @Test func `prints nothing and does nothing where nothing is missing`() throws {
    try withStubs { folder in
      try folder.write("installed", "")
      #expect(try installDeps(folder) == ProgramResult(status: 0))
      #expect(folder.read("calls") == nil)
    }
  }

  @Test(.enabled("packages are installed only on Debian 12, Debian 13 and Ubuntu 24.04") { isKnownSystem })
  func `installs what is missing, once, and without the system's Postgres cluster`() throws {
    let list = "librdkafka-dev libpq-dev postgresql libsqlite3-dev libmicrohttpd-dev gnuplot-nox fonts-dejavu-core libjs-chart.js"
    let cluster = "/etc/postgresql-common/createcluster.conf"
    let noCluster = "mkdir -p /etc/postgresql-common\ntee \(cluster) create_main_cluster = false\n"
    let calls =
      (FileManager.default.fileExists(atPath: cluster) ? "" : noCluster) + "apt-get install --no-install-recommends \(list) -q -y\n"
    try withStubs { folder in
      let first = try installDeps(folder)
      #expect(first == ProgramResult(status: 0, errors: "Installing: \(list)\n"))
      let second = try installDeps(folder)
      #expect(second == ProgramResult(status: 0))
      #expect(folder.read("calls") == calls)
    }
  }

  @Test(arguments: ["Swift version 5.10", "Swift version 6.2.3"])
  func `an old Swift is reported`(version: String) throws {
    try withStubs(swift: "echo '\(version) (swift-RELEASE)'") { folder in
      let result = try installDeps(folder)
      #expect(result.status == 69)
      let number = version.dropFirst("Swift version ".count)
      #expect(
        result.errors == "Swift \(number) is too old: this project needs 6.3 or later (https://www.swift.org/install/linux/).\n")
      #expect(folder.read("calls") == nil)
    }
  }

  @Test(arguments: ["Swift version 6.3", "Swift version 6.10.1", "Swift version 7.0-dev"])
  func `a newer Swift is accepted`(version: String) throws {
    try withStubs(swift: "echo '\(version) (swift-RELEASE)'") { folder in
      try folder.write("installed", "")
      #expect(try installDeps(folder) == ProgramResult(status: 0))
    }
  }

  /// sudo resets the PATH; the toolchain of the caller is then found in the caller's home directory.
  @Test func `a Swift that sudo took off the PATH is found, and the hint works`() throws {
    try withStubs(swift: nil) { folder in
      try folder.write("installed", "")
      try executable(folder, "getent", "echo ann:x:1000:1000::\(folder.path)/ann:/bin/sh")
      let directory = "\(folder.path)/ann/.local/share/swiftly/bin"
      try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
      try folder.writeExecutable("ann/.local/share/swiftly/bin/swift", "#!/bin/sh\necho Swift version 6.3.1\n")

      let environment = ["SUDO_USER": "ann", "HOME": folder.path]
      let result = try installDeps(folder, environment: environment)
      #expect(result.status == 69)
      #expect(result.errors.hasPrefix("Swift is in \(directory), but not on the PATH: sudo has reset it.\n"))

      let hint = try #require(result.errors.split(separator: "\n").last { $0.contains("sudo env PATH=") })
      #expect(hint.hasSuffix(" make demo"))
      let command = String(hint.replacing("make demo", with: "bash scripts/install-deps.sh"))
      let path = ["PATH": "\(folder.path):/usr/bin:/bin", "PACKAGES": ""]
      #expect(try run("/bin/bash", ["-c", command], environment: path.merging(environment) { $1 }) == ProgramResult(status: 0))
    }
  }

  @Test func `a Swift in the home directory that is not on the PATH is found`() throws {
    try withStubs(swift: nil) { folder in
      let directory = "\(folder.path)/.swiftly/bin"
      try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
      try folder.writeExecutable(".swiftly/bin/swift", "#!/bin/sh\n")
      let result = try installDeps(folder, environment: ["HOME": folder.path, "SUDO_USER": ""])
      #expect(
        result
          == ProgramResult(
            status: 69, errors: "Swift is in \(directory), but not on the PATH. Add it:\n  export PATH=\(directory):$PATH\n"))
    }
  }

  @Test(.enabled("packages are installed only on Debian 12, Debian 13 and Ubuntu 24.04") { isKnownSystem })
  func `a library that Swift lacks is installed`() throws {
    let error = "swift: error while loading shared libraries: libncurses.so.6: cannot open shared object file"
    let swift = "[ -e ${0%/*}/installed ] && echo Swift version 6.3.1 || { echo '\(error)' >&2; exit 127; }"
    try withStubs(swift: swift) { folder in
      let result = try installDeps(folder)
      #expect(result == ProgramResult(status: 0, errors: "Installing: libncurses6\n"))
      #expect(folder.read("calls") == "apt-get install --no-install-recommends libncurses6 -q -y\n")
    }
  }

  @Test(arguments: ["error while loading shared libraries: libfoo.so.1: cannot open", "Segmentation fault"])
  func `a Swift that does not start is reported with what it printed`(error: String) throws {
    try withStubs(swift: "echo 'swift: \(error)' >&2; exit 127") { folder in
      let result = try installDeps(folder)
      #expect(result.status == 69)
      #expect(result.errors.hasPrefix("'swift --version' (\(folder.path)/swift) prints no version, but:\nswift: \(error)\n"))
      #expect(folder.read("calls") == nil)
    }
  }

  @Test(.enabled("packages are installed only on Debian 12, Debian 13 and Ubuntu 24.04") { isKnownSystem })
  func `a missing linker is installed`() throws {
    try withStubs { folder in
      try folder.write("installed", "")
      for name in ["bash", "cat", "cut", "env", "head", "mktemp", "rm", "sed", "sort", "tail", "touch"] {
        try FileManager.default.createSymbolicLink(atPath: "\(folder.path)/\(name)", withDestinationPath: "/usr/bin/\(name)")
      }
      #expect(try installDeps(folder, path: folder.path) == ProgramResult(status: 0, errors: "Installing: binutils\n"))
    }
  }

  @Test(.enabled("packages are installed only on Debian 12, Debian 13 and Ubuntu 24.04") { isKnownSystem }, arguments: [true, false])
  func `a user who cannot become root is shown the command for root`(hasSudo: Bool) throws {
    try withStubs { folder in
      try executable(folder, "sudo", "echo 'Sorry, user ann may not run sudo.' >&2; exit 1")
      if !hasSudo { unlink("\(folder.path)/sudo") }
      for name in ["bash", "cat", "cut", "env", "head", "ld", "mktemp", "rm", "sed", "setpriv", "sort", "tail"] {
        try FileManager.default.createSymbolicLink(atPath: "\(folder.path)/\(name)", withDestinationPath: "/usr/bin/\(name)")
      }
      try folder.write("install-deps.sh", try #require(readFile("\(TestProject.folder)/scripts/install-deps.sh")))
      chmod(folder.path, 0o755)
      let unprivileged = geteuid() == 0 ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] : []
      let result = try run(
        "/usr/bin/env", unprivileged + ["bash", "install-deps.sh"],
        environment: ["PATH": folder.path, "PACKAGES": "", "TMPDIR": "/tmp"], directory: folder.path)
      #expect(result.status == 77)
      let reason = hasSudo ? "sudo refused" : "sudo is not installed"
      let list = "librdkafka-dev libpq-dev postgresql libsqlite3-dev libmicrohttpd-dev gnuplot-nox fonts-dejavu-core libjs-chart.js"
      #expect(
        result.errors.hasSuffix(
          "Packages are missing, and this user is not root (\(reason)). Run as root:\n  apt-get install --no-install-recommends \(list)\n"))
      #expect(folder.read("calls") == nil)
    }
  }
}
