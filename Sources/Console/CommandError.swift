/// An error that ends a program: what failed, and how to fix it.
public struct CommandError: Error, Equatable, Sendable {
  /// The program's exit code.
  public var code: ExitCode
  /// What failed and where, in one sentence without the final period.
  public var message: String
  /// How to fix it; shown on separate lines.
  public var advice: String?

  /// An error with its exit code, message and hint.
  public init(_ code: ExitCode, _ message: String, advice: String? = nil) {
    self.code = code
    self.message = message
    self.advice = advice
  }
}

/// A module's error (Kafka, Postgres, dataset) that can be converted to a command error.
public protocol CommandErrorConvertible: Error {
  /// The error with its exit code, message and hint.
  var failure: CommandError { get }
}

extension CommandError: CommandErrorConvertible {
  /// The error itself.
  public var failure: CommandError { self }
}

extension CommandError {
  /// Converts any error; an error that is not convertible is an internal error (70).
  public init(_ error: any Error) {
    if let known = error as? any CommandErrorConvertible {
      self = known.failure
    } else {
      self.init(.software, "unexpected: \(error)", advice: "This is a bug. Please report it with the command line and this text.")
    }
  }
}
