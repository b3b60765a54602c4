import Dataset
import Kafka

/// Sends a CSV's rows to a topic, and returns when the outcome of each is known.
///
/// Rows go one by one from the reader's memory into librdkafka's queue. When the queue is full, reading blocks, so memory use does not depend on the
/// size of the file.
public struct Publisher {
  /// Rows between checks of delivery reports and cancellation.
  private static let checkpointInterval = 1024
  /// How long queued messages may take to be delivered after a cancellation.
  private static let drainTimeout = Duration.seconds(5)

  private let producer: KafkaProducer
  private let encoder: MessageEncoder
  private let source: String
  private let options: Options
  private let observer: Observer
  private var reader: RowReader
  private let rejects: RejectsFile?
  private var counts = PublishingReport.Counts()
  private var firstBadRow: RejectedRow?

  /// Creates a publisher for one run.
  /// - Parameters:
  ///   - reader: positioned at the start of the file, or after its header.
  ///   - producer: opened with a transactional id if and only if the options are atomic.
  ///   - rejects: receives rejected rows; `run` finishes it.
  public init(reader: RowReader, producer: KafkaProducer, options: Options, rejects: RejectsFile? = nil, observer: Observer = Observer()) {
    self.reader = reader
    self.producer = producer
    self.options = options
    self.rejects = rejects
    self.observer = observer
    source = reader.source
    encoder = MessageEncoder(resource: reader.resource)
  }

  /// Publishes all rows. The report has the counts and, if the run failed, the error.
  public mutating func run() -> PublishingReport {
    var failure: (any Error)?
    do {
      try begin()
      try sendRows()
      try finish()
    } catch {
      // The tag of a message that was not delivered is its line.
      failure = if let error = error as? KafkaError { located(error, line: producer.failedTag) } else { error }
      end(after: error)
    }
    counts.delivered = producer.delivered
    return PublishingReport(topic: producer.topic, counts: counts, isAtomic: options.isAtomic, failure: failure)
  }

  private func begin() throws {
    guard options.isAtomic else { return }
    do throws(KafkaError) {
      try producer.initTransactions(isStopped: observer.isStopped)
    } catch {
      // A cancelled wait does not mean that the broker is unavailable.
      if error.kind == .unavailable, observer.isStopped() { throw PublishingError.cancelled }
      throw error
    }
    if observer.isStopped() { throw PublishingError.cancelled }
    try producer.beginTransaction()
  }

  private mutating func sendRows() throws {
    var row = Row()
    var key: [UInt8] = []
    var value: [UInt8] = []
    var untilLook = Self.checkpointInterval
    while true {
      switch try reader.next(into: &row) {
      case .row:
        counts.read += 1
        key.removeAll(keepingCapacity: true)
        value.removeAll(keepingCapacity: true)
        encoder.appendValue(of: row, to: &value)
        let hasKey = encoder.appendKey(of: row, to: &key)
        if let refusal = producer.refusal(key: hasKey ? key.count : nil, value: value.count) {
          try reject(refusal)
        } else {
          if hasKey { try send(key: key.span.bytes, value: value.span.bytes) } else { try send(key: nil, value: value.span.bytes) }
          counts.sent += 1
          counts.bytes += key.count + value.count
        }
      case .blank:
        counts.blank += 1
      case .rejected(let bad):
        counts.read += 1
        try reject(bad)
      case .end:
        return
      }
      untilLook -= 1
      if untilLook == 0 {
        untilLook = Self.checkpointInterval
        try producer.poll(milliseconds: 0)
        try checkpoint()
      }
    }
  }

  private func send(key: RawSpan?, value: RawSpan) throws {
    while try !producer.tryProduce(key: key, value: value, tag: reader.line) {
      try producer.poll(milliseconds: 100)
      try checkpoint()
    }
  }

  /// Rejects the row if its message is too large; any other refusal applies to every row of the topic and ends the run.
  private mutating func reject(_ refusal: KafkaError) throws {
    guard refusal.name == "MSG_SIZE_TOO_LARGE" else { throw located(refusal, line: reader.line) }
    let advice = refusal.advice.map { ". \($0.hasSuffix(".") ? String($0.dropLast()) : $0)" } ?? ""
    try reject(reader.rejected(RejectReason(.outOfRange, refusal.message + advice)))
  }

  private func located(_ error: KafkaError, line: Int?) -> KafkaError {
    guard let line, error.kind == .data, !error.message.hasPrefix("\(source):") else { return error }
    var error = error
    error.message = "\(source):\(line): \(error.message)"
    return error
  }

  private mutating func reject(_ bad: RejectedRow) throws {
    counts.rejected += 1
    firstBadRow = firstBadRow ?? bad
    try rejects?.write(bad)
    if options.onBadRow == .stop { throw PublishingError.rowRejected(bad, source: source) }
    observer.rowRejected(bad, counts.rejected)
  }

  private func checkpoint() throws {
    observer.progress(counts, reader.bytesRead)
    if observer.isStopped() { throw PublishingError.cancelled }
  }

  /// Waits for the last delivery reports. Commits the transaction after all its messages were delivered and all rejected rows were flushed to disk.
  private mutating func finish() throws {
    try flush()
    guard producer.delivered == counts.sent else {
      throw PublishingError.deliveryMismatch(sent: counts.sent, delivered: producer.delivered)
    }
    try rejects?.finish()
    if options.isAtomic { try producer.commitTransaction() }
    counts.published = counts.sent
    if let firstBadRow { throw PublishingError.rowsRejected(counts.rejected, of: counts.read, first: firstBadRow, source: source) }
  }

  private func flush() throws {
    while try !producer.flush(milliseconds: 200) { try checkpoint() }
  }

  /// Aborts the transaction, or waits for queued messages. A second failure is ignored, since it would hide the error that ended the run.
  private mutating func end(after error: any Error) {
    if case PublishingError.rowsRejected = error { return }
    if options.isAtomic {
      try? producer.abortTransaction()
    } else {
      // Rows before the rejected row or the cancellation were sent: wait for their delivery.
      drain()
      counts.published = producer.delivered
    }
    try? rejects?.finish()
  }

  /// Flushes the queue. Returns immediately if flushing fails, and `drainTimeout` after a cancellation.
  private func drain() {
    var sinceStop: ContinuousClock.Instant?
    while (try? producer.flush(milliseconds: 200)) == false {
      if observer.isStopped() { sinceStop = sinceStop ?? .now }
      if let sinceStop, .now - sinceStop > Self.drainTimeout { return }
    }
  }
}
