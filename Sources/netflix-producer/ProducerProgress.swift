import Console
import Dataset
import Publishing

/// The progress bar as a reference type, for the observer's closure.
final class ProducerProgress {
  private var bar: ProgressBar?
  private let size: Int?

  init(size: Int?, log: Log) {
    self.size = size
    bar = ProgressBar("rows", log: log)
  }

  func update(_ counts: PublishingReport.Counts, bytesRead: Int) {
    bar?.update(done: counts.read, fraction: size.map { $0 > 0 ? Double(bytesRead) / Double($0) : 1 })
  }

  func finish() { bar = nil }
}

/// Logs the first rejected rows with their locations. The rest are only counted, so that a file of invalid rows does not flood the log.
struct RejectedRowLog {
  private static let mostTold = 10

  let source: String
  let log: Log

  func tell(_ bad: RejectedRow, number: Int) {
    if number <= Self.mostTold { log.warning("rejected: " + PublishingError.text(bad, source)) }
    if number == Self.mostTold { log.warning("further rejected rows are counted but not listed") }
  }
}
