/// An error that ends a program: what failed, and how to fix it.
package struct CommandError: Error, Equatable, Sendable {
  /// The program's exit code.
  package var code: ExitCode
  /// What failed and where, in one sentence without the final period.
  package var message: String
  /// How to fix it; shown on separate lines.
  package var hint: String?

  /// An error with its exit code, message and hint, which becomes a sentence.
  package init(_ code: ExitCode, _ message: String, hint: String? = nil) {
    self.code = code
    self.message = message
    self.hint = hint?.sentence
  }
}

extension String {
  /// A hint as a sentence. What is to be copied stays as it is: a name at its start, and a command or statements at its end.
  fileprivate var sentence: String {
    let first = prefix { !$0.isWhitespace }
    // `librdkafka's` and `max_connections` stay; `run:` becomes `Run:`.
    let isWord = first.drop { $0.isLetter }.allSatisfy { ",:;".contains($0) }
    let isComplete = isEmpty || [";", ".", "?", " -"].contains { hasSuffix($0) } || contains(" >") || contains("\n")
    return (isWord ? first.prefix(1).uppercased() + dropFirst() : self) + (isComplete ? "" : ".")
  }
}

/// A module's error (Kafka, Postgres, dataset) that can be converted to a command error.
package protocol CommandErrorConvertible: Error {
  /// The error with its exit code, message and hint.
  var commandError: CommandError { get }
}

extension CommandError: CommandErrorConvertible {
  /// The error itself.
  package var commandError: CommandError { self }
}

extension CommandError {
  /// Converts any error; an error that is not convertible is an internal error (70).
  package init(_ error: any Error) {
    if let known = error as? any CommandErrorConvertible {
      self = known.commandError
    } else {
      self.init(.internal, "unexpected: \(error)", hint: "This is a bug. Please report it with the command line and this text.")
    }
  }
}

/// A program's exit code, for the shell and the scheduler; docs/operations.md lists them.
///
/// Thrown as an error, it ends the program with this code and without a message.
package struct ExitCode: Error, Equatable, Sendable {
  /// The exit status of the process.
  package let rawValue: Int32

  /// An exit code with the given status.
  package init(_ rawValue: Int32) { self.rawValue = rawValue }

  /// Success; also a consumer that follows a topic and was stopped by a signal.
  package static let ok = ExitCode(0)
  /// An unknown option, property or command, or an invalid value.
  package static let usage = ExitCode(64)
  /// Invalid data; the message says where.
  package static let badData = ExitCode(65)
  /// An input file is missing or cannot be read.
  package static let noInput = ExitCode(66)
  /// Broker, topic or database not reachable within the retry time, or fenced by another run.
  package static let unavailable = ExitCode(69)
  /// An internal error.
  package static let `internal` = ExitCode(70)
  /// The output cannot be written.
  package static let cannotCreate = ExitCode(73)
  /// Authentication or permission failed.
  package static let unauthorized = ExitCode(77)
  /// The description is invalid or uses an unsupported feature, or the table does not match it.
  package static let config = ExitCode(78)
  /// Stopped by SIGINT before completion.
  package static let interrupted = ExitCode(130)
  /// Stopped by SIGTERM before completion.
  package static let terminated = ExitCode(143)
}
