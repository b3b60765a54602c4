import Console
import Dataset
import Publishing

/// The progress bar behind a reference, for the observer's closure.
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

/// The first bad rows by their places; a file that is bad throughout does not drown the log.
struct RejectedRowLog {
  private static let mostTold = 10

  let source: String
  let log: Log

  func tell(_ bad: RejectedRow, number: Int) {
    if number <= Self.mostTold { log.warning("set aside: " + PublishingError.text(bad, source)) }
    if number == Self.mostTold { log.warning("further bad rows are counted, not listed") }
  }
}
