import CommonOptions
import Console
import Dataset
import Kafka
import Landing
import Postgres

extension ConsumerCommand {
  func land(_ resource: Resource, _ options: SinkOptions) throws {
    let start = ContinuousClock.now
    let log = output.log
    let metrics = try metricsPort.map { try ConsumerMetrics(topic: options.topic, host: metricsHost, port: $0) }
    if let metrics { log.info("metrics at \(metrics.url)") }
    defer { metrics?.close() }
    let bar = ConsumerProgress(log: log)
    let landing = try SinkTask(
      resource: resource, options: options, configuration: try kafka.configuration(), log: log.ofKafka,
      isStopped: { Signals.received != nil },
      report: { progress in
        metrics?.update(progress)
        bar.update(progress)
      })
    let outcome = Result { try landing.run() }
    bar.finish()

    let summary = landing.summary
    if outcome.isOrderly {
      do {
        try write(summary, options, ContinuousClock.now - start)
      } catch {
        var failure = CommandError(error)
        failure.advice = "\(ProgressBar.counted(summary.landed, "message")) landed in \(options.table)."
        throw failure
      }
    }
    do {
      try outcome.get()
    } catch let error as SinkError where error.kind == .stopped {
      // A follower has no end: a signal is its normal way to stop.
      if exitAtEnd, let stop = Signals.received { throw CommandError(stop.exitCode, "stopped by \(stop.name) before the end") }
    }
    log.info(
      "\(ProgressBar.counted(summary.landed, "message")) of topic \(options.topic) landed in \(options.table)"
        + (summary.rejected > 0 ? ", \(ProgressBar.grouped(summary.rejected)) set aside in netflix_rejected" : "")
        + (summary.deleted > 0 ? ", \(ProgressBar.grouped(summary.deleted)) deleted their row" : ""))
    if exitAtEnd, summary.expired > 0 {
      throw CommandError(
        .badData,
        "\(ProgressBar.counted(summary.expired, "offset")) \(summary.expired == 1 ? "was" : "were") deleted by retention before being read",
        advice: "Publish the data again, or give the topic a longer retention.ms.")
    }
    if failOnRejects, summary.rejected > 0 {
      throw CommandError(
        .badData, "\(ProgressBar.counted(summary.rejected, "message")) \(summary.rejected == 1 ? "was" : "were") rejected",
        advice: "SELECT partition, message_offset, reason FROM netflix_rejected ORDER BY rejected_at DESC;")
    }
  }

  private func write(_ counts: SinkSummary, _ options: SinkOptions, _ duration: Duration) throws {
    guard output.json else { return }
    var summary = JSONSummary()
    summary.add("topic", options.topic)
    summary.add("received", counts.received)
    summary.add("landed", counts.landed)
    summary.add("rejected", counts.rejected)
    summary.add("deleted", counts.deleted)
    summary.add("lost", counts.expired)
    summary.add("unknown", counts.confirmedLater)
    summary.add("batches", counts.batches)
    summary.add("seconds", duration)
    try summary.write()
  }
}

extension Result where Success == Void, Failure == any Error {
  /// Whether the run reached its end or was stopped by a signal.
  fileprivate var isOrderly: Bool {
    guard case .failure(let error) = self else { return true }
    return (error as? SinkError)?.kind == .stopped
  }
}

extension SinkError: CommandErrorConvertible {
  /// The error with its exit status, for the command line.
  public var failure: CommandError { CommandError(ExitCode(kind.exitStatus), message, advice: advice) }
}
