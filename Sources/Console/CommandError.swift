/// Why a program cannot do what it was asked: what failed, and what a person can do about it.
public struct CommandError: Error, Equatable, Sendable {
  public var code: ExitCode
  /// What failed and where, in one sentence without its full stop.
  public var message: String
  /// What to do; shown on lines of its own.
  public var advice: String?

  public init(_ code: ExitCode, _ message: String, advice: String? = nil) {
    self.code = code
    self.message = message
    self.advice = advice
  }
}

/// An error of a boundary (Kafka, Postgres, the dataset) that knows its exit code and its words.
public protocol CommandErrorConvertible: Error {
  var failure: CommandError { get }
}

extension CommandError: CommandErrorConvertible {
  public var failure: CommandError { self }
}

extension CommandError {
  /// Any error as a failure; one that nobody translated is a bug of ours.
  public init(_ error: any Error) {
    if let known = error as? any CommandErrorConvertible {
      self = known.failure
    } else {
      self.init(.software, "unexpected: \(error)", advice: "This is a bug. Please report it with the command line and this text.")
    }
  }
}
