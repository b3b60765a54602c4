import Console
import Landing

/// The progress bar, shared with the closure that receives the progress of the `SinkTask`.
final class ConsumerProgress {
  private var bar: ProgressBar?

  init(log: Log) { bar = ProgressBar("messages", log: log) }

  func update(_ progress: SinkProgress) { bar?.update(done: progress.summary.received, fraction: progress.fraction) }

  func finish() {
    bar.take()?.finish()
  }
}
