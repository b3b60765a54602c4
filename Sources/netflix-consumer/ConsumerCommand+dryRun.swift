import Console
import Dataset
import Landing

extension ConsumerCommand {
  /// `--dry-run`: prints partition, offset and row (as JSON), separated by tabs. Rejects and deletions are logged.
  func printRows(_ resource: Resource, _ options: SinkOptions) throws {
    let log = output.log
    var standardOutput = StandardOutput()
    let run = try SinkDryRun(
      resource: resource, options: options, configuration: try kafka.configuration(), log: log.ofKafka,
      isStopped: { Signals.received != nil })
    do {
      try run.run { line in
        switch line {
        case .row(let partition, let offset, let json):
          try standardOutput.write("\(partition)\t\(offset)\t")
          try standardOutput.write(printable: json)
          try standardOutput.write("\n")
        case .reject(let partition, let offset, let reason):
          log.warning("partition \(partition), offset \(offset) would be rejected: \(reason)")
        case .delete(let partition, let offset):
          log.info("partition \(partition), offset \(offset) would delete the row of its key")
        case .pause: try standardOutput.flush()
        }
      }
    } catch is BrokenPipe {
      return
    } catch let error as SinkError where error.kind == .stopped {
      try standardOutput.flush()
      guard exitAtEnd, let stop = Signals.received else { return }
      throw CommandError(stop.exitCode, "stopped by \(stop.name) before the end")
    }
    try standardOutput.flush()
  }
}
