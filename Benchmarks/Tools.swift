import Console
import Glibc
import Processes

/// The measured programs, and the tools for comparison.
struct Tools {
  let producer: String
  let consumer: String
  let netflix: String

  /// - Parameter needed: the tools for comparison, with their packages.
  init(_ needed: [String: String]) throws {
    let resolved = realpath("/proc/self/exe", nil)
    defer { free(resolved) }
    let folder = (resolved.map { String(cString: $0) } ?? "").split(separator: "/").dropLast().map { "/" + $0 }.joined()
    producer = folder + "/netflix-producer"
    consumer = folder + "/netflix-consumer"
    netflix = folder + "/netflix"
    for program in [producer, consumer, netflix] where access(program, X_OK) != 0 {
      throw CommandError(.unavailable, "\(program) is not built", hint: "'make bench' builds what it measures.")
    }
    for (tool, package) in needed.sorted(by: <) {
      if try ProcessResult.run("/bin/sh", ["-c", "command -v \(tool)"]).status != 0 {
        throw CommandError(.unavailable, "\(tool) is not installed", hint: "apt-get install \(package)")
      }
    }
  }

  /// Runs a program to its end, and measures it.
  @discardableResult
  func run(_ program: String, _ arguments: [String], input: String? = nil) throws -> ProcessResult {
    let run = try ProcessResult.run(program, arguments, input: input, stop: Signals.descriptor)
    try Signals.check()
    guard run.status == 0 else {
      throw CommandError(.unavailable, "\(program) exited with status \(run.status)", hint: run.errors.isEmpty ? run.output : run.errors)
    }
    return run
  }
}
