import CommonOptions
import Console
import Dataset
import Kafka
import Publishing
import Support

extension PublishingReport {
  /// The error that ended the run, with the outcome of the rows as a hint.
  func failure(_ error: any Error, rejects: String?) -> CommandError {
    var failure = CommandError(error)
    let outcome = outcome(isCancelled: [.interrupted, .terminated].contains(failure.code))
    switch error {
    case let error as PublishingError:
      failure = error.failure(rejects: rejects)
      if case .rowsRejected = error { return failure }
    default: break
    }
    failure.hint = failure.hint.map { "\($0)\n\(outcome)" } ?? outcome
    return failure
  }

  private func outcome(isCancelled: Bool) -> String {
    if isAtomic, counts.published == 0 { return "Nothing of the file is visible to readers: its transaction was not committed." }
    // A request that was under way when the run ended may still reach the log.
    let open = isAtomic || !isCancelled ? 0 : counts.sent - counts.delivered
    let more = open > 0 ? " Up to \(grouped(open)) more may have been: their acknowledgments did not arrive." : ""
    switch counts.published {
    case 0: return "Nothing was published." + more
    case let number: return "\(counted(number, "row")) \(number == 1 ? "was" : "were") published." + more
    }
  }
}

extension PublishingError {
  /// - Parameter done: what happened to the valid rows.
  func failure(rejects: String?, done: String = "published") -> CommandError {
    switch self {
    case .rowRejected(let rejected, let source):
      let fix =
        rejected.reason.kind == .invalidUTF8
        ? "Not UTF-8: \(RowReader.encodingHint(rejected, source: source))"
        : "Fix it in the file, or reject bad rows: --on-bad-row skip --rejects FILE."
      return CommandError(.badData, "\(self)", hint: fix)
    case .rowsRejected:
      return CommandError(
        .badData, "\(self)",
        hint: rejects.map { "They are in \($0), each with its reason; all others were \(done)." }
          ?? "All others were \(done). --rejects FILE keeps the bad ones, each with its reason.")
    case .rejects(_, _, let hint):
      return CommandError(.cannotCreate, "the file of rejected rows, \(self)", hint: hint)
    case .cancelled:
      let stop = Signals.received ?? .interrupt
      return CommandError(stop.exitCode, "stopped by \(stop.name) before the end of the file")
    case .deliveryMismatch:
      return CommandError(.internal, "\(self)", hint: "This is a bug. Please report it with the command line and this text.")
    }
  }
}

extension PublishingError: CommandErrorConvertible {
  /// The error with its exit status and hint.
  package var commandError: CommandError { failure(rejects: nil) }
}
