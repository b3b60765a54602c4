/// The exit status and the output of a program.
package struct ProgramResult: Equatable, Sendable, CustomStringConvertible {
  /// The exit status, or 128 + the signal that ended it.
  package var status: Int32
  /// Standard output.
  package var output: String
  /// Standard error.
  package var errors: String

  /// A result; the expected one in tests.
  package init(status: Int32, output: String = "", errors: String = "") {
    self.status = status
    self.output = output
    self.errors = errors
  }

  /// Status, output and errors, for a failed expectation.
  package var description: String { "status \(status)\n--- output\n\(output)\n--- errors\n\(errors)" }
}

/// Runs a program of this package to its end; see ``RunningProgram``.
package func run(
  _ program: String, _ arguments: [String] = [], environment: [String: String] = [:], input: String = "", directory: String? = nil,
  seconds: Double = 120
) throws -> ProgramResult {
  try RunningProgram(program, arguments, environment: environment, input: input, directory: directory).wait(seconds: seconds)
}
