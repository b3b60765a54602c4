/// The log that a `SinkTask` lands: a topic whose partitions hold numbered records.
///
/// Kafka's is `KafkaSource`. Another log needs these few verbs and the same delivery rules: offsets only grow, and a reader delivers each
/// record from the assigned offset on, in order. A log without partitions has one, numbered 0; one without groups has no members.
protocol TopicSource {
  /// Opens a reader of committed records.
  ///
  /// - Parameters:
  ///   - endDelay: milliseconds after which a partition's end is reported at the latest.
  ///   - isMember: whether partitions are shared with other readers; otherwise the caller assigns all of them.
  func openReader(endDelay: Int, isMember: Bool) throws(TopicError) -> any TopicReader

  /// Opens an inspector; it joins no group.
  ///
  /// - Parameter logsOutages: false if a reader is open, which logs them.
  func openInspector(logsOutages: Bool) throws(TopicError) -> any TopicInspector
}

/// Reads records of a topic. One thread uses it.
protocol TopicReader: AnyObject {
  /// The partitions that the group assigned to this member, ascending.
  var assignment: [Int32] { get }

  /// Reads these partitions from these offsets, and no others; nil is the start of the log. What was fetched before is discarded.
  func assign(_ positions: [(partition: Int32, offset: Int64?)]) throws(TopicError)

  /// Passes on what has arrived, and waits for it if nothing has. `body` returns whether to go on; if not, the rest is discarded, and `assign`
  /// comes before the next poll.
  ///
  /// - Throws: `TopicError`; the errors of `body`.
  func poll(timeout: Duration, _ body: (TopicEvent) throws -> Bool) throws -> TopicPollResult

  /// Ends the wait of a `poll`, from any thread, but not after `close`.
  var wake: @Sendable () -> Void { get }

  /// Publishes offsets for tools that show lag. Its failure changes nothing.
  ///
  /// - Parameter timeout: how long to wait for the response; nil: not at all.
  func publishOffsets(_ positions: [(partition: Int32, offset: Int64)], timeout: Duration?)

  /// The end of a partition's log, as of the last response; nil if unknown.
  func lastHighWatermark(_ partition: Int32) -> Int64?

  /// How many connections in use have broken: what is read next may come from another log.
  var disconnects: Int { get }

  /// Whether a connection failed since a server last answered.
  var connectionSuspect: Bool { get }

  /// How long no server has answered; nil while one is not known to be unreachable.
  var unavailableDuration: Duration? { get }

  /// Asks a server whether the topic exists.
  func topicExists(timeout: Duration) throws(TopicError) -> Bool

  func close()
}

/// Inspects a topic before it is read: its partitions, their bounds, and the records that were read last.
///
/// It sees uncommitted records, too: the end to read up to is the high watermark, and an open transaction must not hide records.
protocol TopicInspector {
  /// Fetches the topic's metadata in one attempt; nil if the topic does not exist.
  ///
  /// - Parameter timeout: maximum time to wait for a server.
  /// - Throws: `TopicError` of kind `unavailable` if no server responds.
  func metadata(timeout: Duration) throws(TopicError) -> TopicMetadata?

  /// Finds the first record at or after an offset of each partition; no entry if the log ends before it.
  func firstRecords(from offsets: [(partition: Int32, offset: Int64?)]) throws(TopicError) -> [Int32: RecordIdentity]

  /// Finds the first offset of each partition whose record has this time or a later one; partitions without such a record have no entry.
  ///
  /// - Parameter time: milliseconds since the Unix epoch.
  func offsets(of partitions: [Int32], at time: Int64) throws(TopicError) -> [Int32: Int64]

  /// Whether the log may lack a record that was superseded.
  func isCompacted() throws(TopicError) -> Bool

  func close()
}

/// The result of a poll.
enum TopicPollResult {
  /// `isDrained`: nothing more was at hand.
  case polled(isDrained: Bool)
  /// The group changed this member's assignment: all records of this poll are discarded. Read `assignment` and call `assign`.
  case assignmentChanged
}

/// One item of a poll.
enum TopicEvent {
  case record(SinkRecord)
  /// Everything readable at present below `offset` has been delivered.
  case end(partition: Int32, offset: Int64)
  /// A partition cannot be read.
  case failure(TopicError)
}

/// A record of a log. Key and payload are in the log client's memory and valid only inside the closure that receives the record.
struct SinkRecord {
  let partition: Int32
  let offset: Int64
  /// Milliseconds since the Unix epoch; −1 if the record has none.
  let timestamp: Int64
  /// The id of the broker from which it was read; −1 if unknown.
  let broker: Int32
  let key: UnsafeRawBufferPointer?
  /// Nil for a tombstone.
  let payload: UnsafeRawBufferPointer?
}

/// What distinguishes a record from one that took its offset in another log.
struct RecordIdentity: Sendable, Equatable {
  let offset: Int64
  let timestamp: Int64
  let broker: Int32
}

/// The cluster id of a topic, and the bounds of its partitions.
struct TopicMetadata: Sendable, Equatable {
  /// The offset of the first record in a partition's log, and the offset after its last one.
  struct Bounds: Sendable, Equatable {
    let start: Int64
    let end: Int64
  }

  /// Nil if the server reports none.
  let cluster: String?
  let partitions: [Int32: Bounds]

  var partitionIDs: [Int32] { partitions.keys.sorted() }
}

/// An error of a log or of the connection to it.
struct TopicError: Error {
  /// What the sink does about it.
  enum Kind: Sendable {
    /// A server, the topic or a partition is unavailable: try again.
    case unavailable
    /// The log has no record at the offset to read from, and it is not the log's end.
    case offsetOutOfRange
    /// The group removed this member, which joins again by itself.
    case membershipLost
    /// It ends the run.
    case other
  }

  let kind: Kind
  /// Whether the same call may succeed when it is retried.
  let isRetriable: Bool
  /// The error of the log's client, with which the run ends.
  let cause: any Error
}

extension TopicError: CustomStringConvertible, Equatable {
  var description: String { "\(cause)" }

  static func == (left: Self, right: Self) -> Bool {
    (left.kind, left.isRetriable, left.description) == (right.kind, right.isRetriable, right.description)
  }
}
