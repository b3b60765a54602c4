import Dataset
import Kafka
import Support

/// Sends a CSV's rows to a topic, and returns when the outcome of each is known.
///
/// Rows go one by one from the reader's memory into librdkafka's queue. When the queue is full, reading blocks, so memory use does not depend on the
/// size of the file.
package struct Publisher {
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
  private var firstRejected: RejectedRow?

  /// Creates a publisher for one run.
  /// - Parameters:
  ///   - reader: positioned at the start of the file, or after its header.
  ///   - producer: opened with a transactional id if and only if the options are atomic.
  ///   - rejects: receives rejected rows; `run` finishes it.
  package init(reader: RowReader, producer: KafkaProducer, options: Options, rejects: RejectsFile? = nil, observer: Observer = Observer()) {
    self.reader = reader
    self.producer = producer
    self.options = options
    self.rejects = rejects
    self.observer = observer
    source = reader.source
    encoder = MessageEncoder(resource: reader.resource)
  }

  /// Publishes all rows. The report has the counts and, if the run failed, the error.
  package mutating func run() -> PublishingReport {
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
    var rowsUntilCheckpoint = Self.checkpointInterval
    while true {
      switch try reader.next(into: &row) {
      case .row:
        counts.read += 1
        key.removeAll(keepingCapacity: true)
        value.removeAll(keepingCapacity: true)
        encoder.appendValue(of: row, to: &value)
        let hasKey = encoder.appendKey(of: row, to: &key)
        if let rejection = producer.validationError(keySize: hasKey ? key.count : nil, valueSize: value.count) {
          try reject(rejection)
        } else {
          if hasKey { try send(key: key.span.bytes, value: value.span.bytes) } else { try send(key: nil, value: value.span.bytes) }
          counts.sent += 1
          counts.bytes += key.count + value.count
        }
      case .blank:
        counts.blank += 1
      case .rejected(let rejected):
        counts.read += 1
        try reject(rejected)
      case .end:
        return
      }
      rowsUntilCheckpoint -= 1
      if rowsUntilCheckpoint == 0 {
        rowsUntilCheckpoint = Self.checkpointInterval
        try producer.poll(timeout: .zero)
        try checkpoint()
      }
    }
  }

  private func send(key: RawSpan?, value: RawSpan) throws {
    while try !producer.tryProduce(key: key, value: value, tag: reader.line) {
      try producer.poll(timeout: .milliseconds(100))
      try checkpoint()
    }
  }

  /// Rejects the row if its message is too large; any other refusal applies to every row of the topic and ends the run.
  private mutating func reject(_ rejection: KafkaError) throws {
    guard rejection.name == "MSG_SIZE_TOO_LARGE" else { throw located(rejection, line: reader.line) }
    let hint = rejection.hint.map { ". \($0.hasSuffix(".") ? String($0.dropLast()) : $0)" } ?? ""
    try reject(reader.rejected(RejectReason(.outOfRange, rejection.message + hint)))
  }

  private func located(_ error: KafkaError, line: Int?) -> KafkaError {
    guard let line, error.kind == .data, !error.message.hasPrefix("\(source):") else { return error }
    var error = error
    error.message = "\(source):\(line): \(error.message)"
    return error
  }

  private mutating func reject(_ rejected: RejectedRow) throws {
    counts.rejected += 1
    firstRejected = firstRejected ?? rejected
    try rejects?.write(rejected)
    if options.rejectPolicy == .stop { throw PublishingError.rowRejected(rejected, source: source) }
    observer.rowRejected(rejected, counts.rejected)
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
    if let firstRejected { throw PublishingError.rowsRejected(counts.rejected, of: counts.read, first: firstRejected, source: source) }
  }

  private func flush() throws {
    while try !producer.flush(timeout: .milliseconds(200)) { try checkpoint() }
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
    while (try? producer.flush(timeout: .milliseconds(200))) == false {
      if observer.isStopped() { sinceStop = sinceStop ?? .now }
      if let sinceStop, .now - sinceStop > Self.drainTimeout { return }
    }
  }
}

extension Publisher {
  /// How a run handles rejected rows, and whether it is atomic.
  package struct Options: Sendable {
    /// How the run handles a row that does not match its description.
    package enum RejectPolicy: String, Sendable, CaseIterable {
      /// The run ends; no row after the rejected one is sent.
      case stop
      /// The row is rejected and the run continues with the next one.
      case skip
    }

    /// True if all rows become visible to readers together, or none.
    package var isAtomic: Bool
    /// How the run handles a rejected row.
    package var rejectPolicy: RejectPolicy

    /// Without arguments: no transaction, and the first rejected row ends the run.
    package init(isAtomic: Bool = false, rejectPolicy: RejectPolicy = .stop) {
      self.isAtomic = isAtomic
      self.rejectPolicy = rejectPolicy
    }
  }

  /// Callbacks of a run. Every closure is called on the publishing thread.
  package struct Observer {
    /// Called at least ten times a second while the run waits, and about once per thousand rows. Returning true cancels the run cleanly.
    package var isStopped: () -> Bool
    /// Receives the counts so far, and the bytes read from the file.
    package var progress: (PublishingReport.Counts, Int) -> Void
    /// Receives each row that was rejected and skipped, and the number of rejected rows including it.
    package var rowRejected: (RejectedRow, Int) -> Void

    /// Creates an observer; callbacks that are left out do nothing.
    package init(
      isStopped: @escaping () -> Bool = { false }, progress: @escaping (PublishingReport.Counts, Int) -> Void = { _, _ in },
      rowRejected: @escaping (RejectedRow, Int) -> Void = { _, _ in }
    ) {
      self.isStopped = isStopped
      self.progress = progress
      self.rowRejected = rowRejected
    }
  }
}

/// The result of a run, successful or not.
package struct PublishingReport {
  /// Rows, messages and bytes of a run.
  package struct Counts: Sendable, Equatable {
    /// Rows read from the file, including rejected ones.
    package var read = 0
    /// Rows with only empty cells, which are skipped and not counted in `read`.
    package var blank = 0
    /// Rows that were rejected.
    package var rejected = 0
    /// Messages passed to librdkafka.
    package var sent = 0
    /// Bytes of the keys and values of these messages.
    package var bytes = 0
    /// Messages acknowledged by all in-sync replicas.
    package var delivered = 0
    /// Messages visible to readers: without a transaction the delivered ones, with a transaction all or none.
    package var published = 0

    /// All zero.
    package init() {}
  }

  /// The topic that the run published to.
  package var topic: String
  /// Rows, messages and bytes.
  package var counts: Counts
  /// True if the run used a transaction.
  package var isAtomic: Bool
  /// The error that made the run fail: `PublishingError`, `KafkaError`, `DatasetError`, or the error of the reader's source.
  package var failure: (any Error)?

  /// Creates a report; the parameters are the properties above.
  package init(topic: String, counts: Counts, isAtomic: Bool, failure: (any Error)? = nil) {
    self.topic = topic
    self.counts = counts
    self.isAtomic = isAtomic
    self.failure = failure
  }
}

/// Why a run did not publish every row, for causes other than Kafka and the description.
package enum PublishingError: Error, Equatable {
  /// A row was rejected, and the policy is to stop.
  case rowRejected(RejectedRow, source: String)
  /// The file was read to its end, but some rows were rejected.
  case rowsRejected(Int, of: Int, first: RejectedRow, source: String)
  /// The file of rejected rows cannot be written: why, and what to do.
  case rejects(path: String, reason: String, hint: String)
  /// The observer cancelled the run.
  case cancelled
  /// librdkafka reported fewer deliveries than it accepted messages.
  case deliveryMismatch(sent: Int, delivered: Int)
}

extension PublishingError: CustomStringConvertible {
  /// The message for a log or standard error.
  package var description: String {
    switch self {
    case .rowRejected(let rejected, let source): Self.text(rejected, source)
    case .rowsRejected(let count, let total, let first, let source):
      "\(grouped(count)) of \(counted(total, "row")) could not be published; the first: \(Self.text(first, source))"
    case .rejects(let path, let reason, _): "\(path): \(reason)"
    case .cancelled: "stopped before the end"
    case .deliveryMismatch(let sent, let delivered): "\(counted(sent, "message")) sent and \(grouped(delivered)) delivered"
    }
  }

  /// `file:line:column: reason`, as compilers and editors write it.
  package static func text(_ rejected: RejectedRow, _ source: String) -> String {
    "\(source):\(rejected.line):\(rejected.column): \(rejected.reason)"
  }
}
