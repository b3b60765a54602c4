import Dataset
import Kafka

/// Sends a CSV's rows to a topic, and returns when the fate of each is known.
///
/// The rows go one by one from the reader's memory into librdkafka's queue; when that is full, the reading waits. So memory does not
/// follow the size of the file.
public struct Publisher {
  /// A glance at the clock, the reports and a wish to stop comes once in so many rows.
  private static let checkpointInterval = 1024
  /// After a wish to stop, what is queued has so long to arrive.
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

  /// - Parameters:
  ///   - reader: stands before the header or behind it.
  ///   - producer: opened with a transactional id if and only if the options say atomic.
  ///   - rejects: where bad rows go; finished by `run`.
  public init(reader: RowReader, producer: KafkaProducer, options: Options, rejects: RejectsFile? = nil, observer: Observer = Observer()) {
    self.reader = reader
    self.producer = producer
    self.options = options
    self.rejects = rejects
    self.observer = observer
    source = reader.source
    encoder = MessageEncoder(resource: reader.resource)
  }

  /// Publishes everything. What was done is in the report, whatever ended it.
  public mutating func run() -> PublishingReport {
    var failure: (any Error)?
    do {
      try begin()
      try sendRows()
      try finish()
    } catch {
      // What was refused on the way is known by its line.
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
      // A wait that a signal cut short says nothing of the broker.
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

  /// A message that is too large is its row's fault; what the topic refuses of every row ends the run.
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

  /// Waits for the last reports; the transaction is committed when every message of it has arrived and every bad row is on the disk.
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

  /// Leaves the topic in order. A second failure on the way there would only hide what ended the run.
  private mutating func end(after error: any Error) {
    if case PublishingError.rowsRejected = error { return }
    if options.isAtomic {
      try? producer.abortTransaction()
    } else {
      // What stands before the bad row or the wish to stop was sent: its fate is waited for.
      drain()
      counts.published = producer.delivered
    }
    try? rejects?.finish()
  }

  /// Ends at once where the producer is of no more use.
  private func drain() {
    var sinceStop: ContinuousClock.Instant?
    while (try? producer.flush(milliseconds: 200)) == false {
      if observer.isStopped() { sinceStop = sinceStop ?? .now }
      if let sinceStop, .now - sinceStop > Self.drainTimeout { return }
    }
  }
}
