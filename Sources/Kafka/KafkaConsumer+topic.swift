import CRdKafka
import Dispatch
import Synchronization

extension KafkaConsumer {
  /// The topic's partitions, ascending; empty if the topic does not exist (yet).
  ///
  /// - Throws: `KafkaError` of kind `unavailable` if no broker responds within the time given.
  public func partitions(milliseconds: Int32) throws(KafkaError) -> [Int32] {
    try client.partitions(of: topic, milliseconds: milliseconds, isStopped: isStopped)
  }

  /// The cluster id; nil if it does not arrive within the time given.
  public func clusterID(milliseconds: Int32) -> String? { client.clusterID(milliseconds: milliseconds) }

  /// The topic's settings, such as `cleanup.policy`.
  public func configuration(milliseconds: Int32) throws(KafkaError) -> [String: String] {
    try client.configuration(of: topic, milliseconds: milliseconds, isStopped: isStopped)
  }

  /// The start and the end of each partition's log. The end depends on this consumer's isolation: the high watermark (uncommitted), or the
  /// last stable offset (committed).
  ///
  /// librdkafka before 2.3.0 may wait longer than the time given while a broker is unavailable. So the request runs on a separate thread;
  /// if no response arrives, the thread and the client are left to the end of the process.
  public func watermarks(of partitions: [Int32], milliseconds: Int32) throws(KafkaError) -> [Int32: KafkaWatermarks] {
    let answer = BlockingResult()
    let (client, topic) = (client, topic)
    isAsking = true
    DispatchQueue(label: "kafka.watermarks").async {
      var found: [Int32: KafkaWatermarks] = [:]
      for partition in partitions {
        var (start, end) = (Int64(0), Int64(0))
        let code = rd_kafka_query_watermark_offsets(client.handle, topic, partition, &start, &end, milliseconds)
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else {
          return answer.give(.failure(KafkaError(code, place: .init(topic: topic, partition: partition))))
        }
        found[partition] = KafkaWatermarks(start: start, end: end)
      }
      answer.give(.success(found))
    }
    guard let result = answer.wait(milliseconds: milliseconds, isStopped: isStopped) else {
      throw client.context.unavailable("no watermarks came")
    }
    isAsking = false
    return try result.get()
  }

  /// The high watermark of the last fetch response; nil before the partition's first message or end.
  public func lastHighWatermark(_ partition: Int32) -> Int64? {
    var (start, end) = (Int64(0), Int64(0))
    guard rd_kafka_get_watermark_offsets(client.handle, topic, partition, &start, &end) == RD_KAFKA_RESP_ERR_NO_ERROR, end >= 0 else {
      return nil
    }
    return end
  }
}

/// The start and the end of a partition's log.
public struct KafkaWatermarks: Sendable, Equatable {
  /// The offset of the first record in the log.
  public var start: Int64
  /// The offset after the last record.
  public var end: Int64

  /// Watermarks as two offsets.
  public init(start: Int64, end: Int64) { (self.start, self.end) = (start, end) }
}

/// A value that another thread may provide.
private final class BlockingResult: Sendable {
  typealias Answer = Result<[Int32: KafkaWatermarks], KafkaError>
  private let value = Mutex<Answer?>(nil)
  private let given = DispatchSemaphore(value: 0)

  func give(_ answer: Answer) {
    value.withLock { $0 = answer }
    given.signal()
  }

  func wait(milliseconds: Int32, isStopped: () -> Bool) -> Answer? {
    let deadline = ContinuousClock.now + .milliseconds(Int(milliseconds))
    while given.wait(timeout: .now() + .milliseconds(50)) == .timedOut, ContinuousClock.now < deadline, !isStopped() {}
    return value.withLock { $0 }
  }
}
