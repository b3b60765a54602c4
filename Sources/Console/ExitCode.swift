/// How a program ended, for the shell and the scheduler; the README's table explains each.
///
/// Thrown as an error it ends the program with its code and no further word.
public struct ExitCode: Error, Equatable, Sendable {
  public let rawValue: Int32

  public init(_ rawValue: Int32) { self.rawValue = rawValue }

  /// Done; also a follower that was asked to stop.
  public static let ok = ExitCode(0)
  /// An unknown option, property or command, or a value it cannot take.
  public static let usage = ExitCode(64)
  /// Data with faults; the text says where.
  public static let badData = ExitCode(65)
  /// No such input file.
  public static let noInput = ExitCode(66)
  /// Broker, topic or database not reachable in time, or fenced by another run.
  public static let unavailable = ExitCode(69)
  /// A bug of ours.
  public static let software = ExitCode(70)
  /// Output cannot be written.
  public static let cannotCreate = ExitCode(73)
  /// Refused: password, rights.
  public static let refused = ExitCode(77)
  /// The description is invalid or asks for what is not supported; or the table differs from it.
  public static let config = ExitCode(78)
  /// Stopped by SIGINT before its end.
  public static let interrupted = ExitCode(130)
  /// Stopped by SIGTERM before its end.
  public static let terminated = ExitCode(143)
}
