/// A program's exit code, for the shell and the scheduler; the README lists the codes.
///
/// Thrown as an error, it ends the program with this code and without a message.
public struct ExitCode: Error, Equatable, Sendable {
  /// The exit status of the process.
  public let rawValue: Int32

  /// An exit code with the given status.
  public init(_ rawValue: Int32) { self.rawValue = rawValue }

  /// Success; also a program with `--follow` that was stopped by a signal.
  public static let ok = ExitCode(0)
  /// An unknown option, property or command, or an invalid value.
  public static let usage = ExitCode(64)
  /// Invalid data; the message says where.
  public static let badData = ExitCode(65)
  /// An input file is missing or cannot be read.
  public static let noInput = ExitCode(66)
  /// Broker, topic or database not reachable within the retry time, or fenced by another run.
  public static let unavailable = ExitCode(69)
  /// An internal error.
  public static let software = ExitCode(70)
  /// The output cannot be written.
  public static let cannotCreate = ExitCode(73)
  /// Authentication or permission failed.
  public static let refused = ExitCode(77)
  /// The description is invalid or uses an unsupported feature, or the table does not match it.
  public static let config = ExitCode(78)
  /// Stopped by SIGINT before completion.
  public static let interrupted = ExitCode(130)
  /// Stopped by SIGTERM before completion.
  public static let terminated = ExitCode(143)
}
