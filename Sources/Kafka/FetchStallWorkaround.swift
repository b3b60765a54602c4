import CRdKafka
import Dispatch
import Glibc
import Synchronization

/// Works around a fetch stall in librdkafka before 2.2.0.
///
/// In these versions a full queue puts the broker's thread to sleep for up to a second, even if the queue has been drained (librdkafka's
/// issue 2879). Any request to that broker wakes the thread. So a separate thread queries the watermarks of one partition per leader each
/// time the reader has taken two thousand messages.
///
/// `@unchecked`: the handles are librdkafka's, "completely thread-safe"; a lock, semaphores and atomics protect the rest.
final class FetchStallWorkaround: @unchecked Sendable {
  /// Whether this version of librdkafka stalls.
  static var isNeeded: Bool { KafkaClient.libraryVersion < 0x0202_0000 }

  private static let step = 2000

  private let client: OpaquePointer
  private let topic: String
  private let topicHandle: OpaquePointer
  private let work = DispatchSemaphore(value: 0)
  private let ended = DispatchSemaphore(value: 0)
  private let isQueryPending = Atomic<Bool>(false)
  private let isStopped = Atomic<Bool>(false)
  private let assignment = Mutex<(partitions: [Int32], isNew: Bool)>(([], false))
  /// Used by the reader's thread only.
  private var count = 0
  private var isRunning = false

  init(client: OpaquePointer, topic: String, topicHandle: OpaquePointer) {
    self.client = client
    self.topic = topic
    self.topicHandle = topicHandle
  }

  /// Records the number of messages that the reader has taken.
  @inline(__always)
  func recordRead(_ messages: Int) {
    count += messages
    guard count >= Self.step else { return }
    count = 0
    if !isRunning { start() }
    if !isQueryPending.exchange(true, ordering: .acquiringAndReleasing) { work.signal() }
  }

  func assigned(_ partitions: [Int32]) { assignment.withLock { $0 = (partitions, true) } }

  /// Ends the thread.
  ///
  /// - Returns: false if the thread still waits for a request: then the client must not be destroyed.
  func stop() -> Bool {
    isStopped.store(true, ordering: .releasing)
    guard isRunning else { return true }
    work.signal()
    return ended.wait(timeout: .now() + .seconds(1)) == .success
  }

  private func start() {
    isRunning = true
    var thread = pthread_t()
    let context = Unmanaged.passRetained(self)
    guard pthread_create(&thread, nil, runFetchStallWorkaround, context.toOpaque()) == 0 else {
      // Without the thread reading is slower, but correct.
      context.release()
      ended.signal()
      return
    }
    pthread_detach(thread)
  }

  fileprivate func run() {
    var targets: [Int32] = []
    while true {
      work.wait()
      if isStopped.load(ordering: .acquiring) { break }
      isQueryPending.store(false, ordering: .releasing)
      let (partitions, isNew) = assignment.withLock { assignment in
        defer { assignment.isNew = false }
        return assignment
      }
      if isNew { targets = onePerLeader(partitions) }
      for partition in targets where !isStopped.load(ordering: .acquiring) {
        var (start, end) = (Int64(0), Int64(0))
        _ = rd_kafka_query_watermark_offsets(client, topic, partition, &start, &end, 1000)
      }
    }
    ended.signal()
  }

  private func onePerLeader(_ partitions: [Int32]) -> [Int32] {
    var metadata: UnsafePointer<rd_kafka_metadata>?
    guard rd_kafka_metadata(client, 0, topicHandle, &metadata, 1000) == RD_KAFKA_RESP_ERR_NO_ERROR, let metadata else { return partitions }
    defer { rd_kafka_metadata_destroy(metadata) }
    guard metadata.pointee.topic_cnt > 0 else { return partitions }
    let topic = metadata.pointee.topics[0]
    var leaders: [Int32: Int32] = [:]
    for index in 0..<Int(topic.partition_cnt) where partitions.contains(topic.partitions[index].id) {
      leaders[topic.partitions[index].leader] = topic.partitions[index].id
    }
    return Array(leaders.values)
  }
}

/// The thread's entry point for `pthread_create`.
private let runFetchStallWorkaround: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { context in
  guard let context else { return nil }
  Unmanaged<FetchStallWorkaround>.fromOpaque(context).takeRetainedValue().run()
  return nil
}
