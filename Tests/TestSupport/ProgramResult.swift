/// The exit status and the output of a program.
public struct ProgramResult: Equatable, Sendable, CustomStringConvertible {
  /// The exit status, or 128 + the signal that ended it.
  public var status: Int32
  /// Standard output.
  public var output: String
  /// Standard error.
  public var errors: String

  /// A result; the expected one in tests.
  public init(status: Int32, output: String = "", errors: String = "") {
    self.status = status
    self.output = output
    self.errors = errors
  }

  /// Status, output and errors, for a failed expectation.
  public var description: String { "status \(status)\n--- output\n\(output)\n--- errors\n\(errors)" }
}

/// Runs a program of this package to its end; see ``RunningProgram``.
public func run(
  _ program: String, _ arguments: [String] = [], environment: [String: String] = [:], input: String = "", directory: String? = nil,
  seconds: Double = 120
) throws -> ProgramResult {
  try RunningProgram(program, arguments, environment: environment, input: input, directory: directory).wait(seconds: seconds)
}
