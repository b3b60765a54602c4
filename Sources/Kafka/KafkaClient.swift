import CRdKafka
import Dispatch
import Synchronization

/// The owner of a librdkafka client handle: opened by a factory, closed once.
///
/// `@unchecked`: librdkafka's introduction guarantees that its API is "completely thread-safe", including calls on one `rd_kafka_t` from
/// several threads. A call after `rd_kafka_destroy` is not allowed: the caller of `close` ensures that there are no more calls.
final class KafkaClient: @unchecked Sendable {
  enum Role {
    case producer, consumer

    var kind: rd_kafka_type_t { self == .producer ? RD_KAFKA_PRODUCER : RD_KAFKA_CONSUMER }
  }

  let handle: OpaquePointer
  let context: ConnectionMonitor
  private let isClosed = Mutex(false)

  /// librdkafka's version: one byte each for major, minor, revision and pre-release (0xff: none).
  static var libraryVersion: Int32 { rd_kafka_version() }

  private init(handle: OpaquePointer, context: ConnectionMonitor) {
    self.handle = handle
    self.context = context
  }

  deinit {
    assert(isClosed.withLock { $0 }, "a Kafka client was dropped without close()")
  }

  /// Opens a client. It sends no request yet.
  ///
  /// - Parameters:
  ///   - defaults: properties that the user's properties override.
  ///   - managedProperties: properties that override the user's properties.
  ///   - owner: the caller's object for its callbacks, available through `ConnectionMonitor.of(_:)`.
  ///   - prepare: registers further callbacks in librdkafka's configuration.
  /// - Throws: `KafkaError` of kind `usage` for an invalid property or combination of properties.
  static func open(
    _ role: Role, _ configuration: KafkaConfiguration, defaults: [(String, String)] = [], managedProperties: [(String, String)] = [],
    log: KafkaLog = .silent, owner: (any AnyObject & Sendable)? = nil, prepare: (OpaquePointer) -> Void = { _ in }
  ) throws(KafkaError) -> KafkaClient {
    guard let properties = rd_kafka_conf_new() else { throw KafkaError(kind: .internal, message: "librdkafka is out of memory") }
    let context = ConnectionMonitor(configuration, log: log, owner: owner)
    let opaque = Unmanaged.passRetained(context)
    do {
      for (name, value) in defaults { try KafkaProperty.set(name, value, in: properties) }
      for property in configuration.properties { try KafkaProperty.set(property.name, property.value, in: properties) }
      for (name, value) in managedProperties + [("bootstrap.servers", configuration.bootstrapServers)] {
        try KafkaProperty.set(name, value, in: properties)
      }
    } catch {
      rd_kafka_conf_destroy(properties)
      opaque.release()
      throw error
    }
    rd_kafka_conf_set_opaque(properties, opaque.toOpaque())
    rd_kafka_conf_set_error_cb(properties, errorCallback)
    rd_kafka_conf_set_log_cb(properties, logCallback)
    // In a librdkafka without TLS this call fails, and the callback is not needed.
    _ = rd_kafka_conf_set_ssl_cert_verify_cb(properties, certificateCallback)
    prepare(properties)
    var reason = [CChar](repeating: 0, count: 512)
    guard let handle = rd_kafka_new(role.kind, properties, &reason, reason.count) else {
      // "rd_kafka_new() … on failure the application still owns conf."
      rd_kafka_conf_destroy(properties)
      opaque.release()
      throw .usage(
        "librdkafka rejects this combination of properties: \(String(buffer: reason))", hint: "Check -X and --kafka-config.")
    }
    return KafkaClient(handle: handle, context: context)
  }

  /// Serves callbacks for up to `milliseconds`; returns earlier once one was served.
  func poll(timeout: Duration) {
    rd_kafka_poll(handle, timeout.inMilliseconds)
    context.logOutageIfDue()
  }

  /// Serves pending callbacks, and throws the error that made the client unusable, if there is one.
  func pollAndThrowFailure() throws(KafkaError) {
    poll(timeout: .zero)
    try throwFailure()
  }

  /// Throws the error that made the client unusable, if there is one.
  func throwFailure() throws(KafkaError) {
    if let failure = context.failure { throw failure }
  }

  /// Ends the client's threads and frees the handle, which must not be used afterwards. A second call does nothing.
  ///
  /// librdkafka may wait forever for a broker, or for a response that never arrives (the consumer of a deleted topic). So this waits three
  /// seconds at most and then leaves the handle to the end of the process.
  ///
  /// - Parameter flags: `RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE` to skip leaving the consumer group.
  func close(flags: Int32 = 0) {
    let isFirst = isClosed.withLock { isClosed in
      defer { isClosed = true }
      return !isClosed
    }
    guard isFirst else { return }
    let ended = DispatchSemaphore(value: 0)
    DispatchQueue(label: "kafka.close").async { [self] in
      rd_kafka_destroy_flags(handle, flags)
      // "rd_kafka_destroy() … will block until all threads have been terminated": no callback is called after it.
      Unmanaged.passUnretained(context).release()
      ended.signal()
    }
    _ = ended.wait(timeout: .now() + .seconds(3))
  }
}

extension ConnectionMonitor {
  /// The context behind the `opaque` of a callback or of `rd_kafka_opaque()`.
  static func of(_ opaque: UnsafeMutableRawPointer?) -> ConnectionMonitor? {
    opaque.map { Unmanaged<ConnectionMonitor>.fromOpaque($0).takeUnretainedValue() }
  }
}

private let errorCallback: @convention(c) (OpaquePointer?, Int32, UnsafePointer<CChar>?, UnsafeMutableRawPointer?) -> Void = {
  client, code, reason, opaque in
  ConnectionMonitor.of(opaque)?.handleError(
    code, reason: reason.map { String(cString: $0) } ?? "", in: client)
}

/// Keeps OpenSSL's verdict and only records its reason, which librdkafka's error does not contain.
private let certificateCallback:
  @convention(c) (
    OpaquePointer?, UnsafePointer<CChar>?, Int32, UnsafeMutablePointer<Int32>?, Int32, UnsafePointer<CChar>?, Int,
    UnsafeMutablePointer<CChar>?, Int, UnsafeMutableRawPointer?
  ) -> Int32 = { _, broker, _, verdict, _, _, _, _, _, opaque in
    guard let verdict, verdict.pointee == 0 else {
      ConnectionMonitor.of(opaque)?.handleCertificateError(verdict.map(\.pointee) ?? -1, broker: broker.map { String(cString: $0) } ?? "")
      return 0
    }
    return 1
  }

private let logCallback: @convention(c) (OpaquePointer?, Int32, UnsafePointer<CChar>?, UnsafePointer<CChar>?) -> Void = {
  client, level, facility, text in
  guard let client, let facility, let text else { return }
  ConnectionMonitor.of(rd_kafka_opaque(client))?.handleLog(
    level: level, facility: String(cString: facility), text: String(cString: text))
}

/// librdkafka's admin requests: the response to a request arrives as an event on a separate queue.
extension KafkaClient {
  func configuration(
    of topic: String, timeout: Duration, isStopped: () -> Bool = { false }
  ) throws(KafkaError) -> [String: String] {
    var resource = rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic)
    defer { rd_kafka_ConfigResource_destroy(resource) }
    return try performAdminRequest(RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, topic: topic, timeout: timeout, isStopped: isStopped) {
      options, queue in
      rd_kafka_DescribeConfigs(handle, &resource, 1, options, queue)
    } answer: { event throws(KafkaError) in
      var count = 0
      let resources = rd_kafka_DescribeConfigs_result_resources(rd_kafka_event_DescribeConfigs_result(event), &count)
      guard count > 0, let resource = resources?[0] else { return [:] }
      let code = rd_kafka_ConfigResource_error(resource)
      guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaError(code, coordinates: .init(topic: topic)) }
      let entries = rd_kafka_ConfigResource_configs(resource, &count)
      var settings: [String: String] = [:]
      for index in 0..<count {
        guard let entry = entries?[index], let name = rd_kafka_ConfigEntry_name(entry) else { continue }
        settings[String(cString: name)] = rd_kafka_ConfigEntry_value(entry).map { String(cString: $0) }
      }
      return settings
    }
  }

  func createTopic(
    _ topic: String, partitions: Int32, replicas: Int32, configuration: [String: String], timeout: Duration
  ) throws(KafkaError) {
    var reason = [CChar](repeating: 0, count: 512)
    var request = rd_kafka_NewTopic_new(topic, partitions, replicas, &reason, reason.count)
    guard request != nil else { throw .usage("topic \(topic): \(String(buffer: reason))", hint: nil) }
    defer { rd_kafka_NewTopic_destroy(request) }
    for (name, value) in configuration { rd_kafka_NewTopic_set_config(request, name, value) }
    try performAdminRequest(RD_KAFKA_ADMIN_OP_CREATETOPICS, topic: topic, timeout: timeout) { options, queue in
      rd_kafka_CreateTopics(handle, &request, 1, options, queue)
    } answer: { event throws(KafkaError) in
      var count = 0
      try check(rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), &count), count, topic)
    }
  }

  func deleteTopic(_ topic: String, timeout: Duration) throws(KafkaError) {
    var request = rd_kafka_DeleteTopic_new(topic)
    defer { rd_kafka_DeleteTopic_destroy(request) }
    try performAdminRequest(RD_KAFKA_ADMIN_OP_DELETETOPICS, topic: topic, timeout: timeout) { options, queue in
      rd_kafka_DeleteTopics(handle, &request, 1, options, queue)
    } answer: { event throws(KafkaError) in
      var count = 0
      try check(rd_kafka_DeleteTopics_result_topics(rd_kafka_event_DeleteTopics_result(event), &count), count, topic)
    }
  }

  private func check(_ results: UnsafeMutablePointer<OpaquePointer?>?, _ count: Int, _ topic: String) throws(KafkaError) {
    for index in 0..<count {
      guard let result = results?[index] else { continue }
      let code = rd_kafka_topic_result_error(result)
      if code == RD_KAFKA_RESP_ERR_NO_ERROR { continue }
      let reason = rd_kafka_topic_result_error_string(result).map { String(cString: $0) }
      throw KafkaError(code, reason: reason, coordinates: .init(topic: topic))
    }
  }

  func performAdminRequest<Answer>(
    _ operation: rd_kafka_admin_op_t, topic: String, timeout: Duration, isStopped: () -> Bool = { false },
    _ send: (OpaquePointer?, OpaquePointer?) -> Void,
    answer: (OpaquePointer) throws(KafkaError) -> Answer
  ) throws(KafkaError) -> Answer {
    let options = rd_kafka_AdminOptions_new(handle, operation)
    defer { rd_kafka_AdminOptions_destroy(options) }
    var reason = [CChar](repeating: 0, count: 512)
    rd_kafka_AdminOptions_set_request_timeout(options, timeout.inMilliseconds, &reason, reason.count)
    if operation != RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS {
      // How long the controller may wait until every broker knows the change.
      rd_kafka_AdminOptions_set_operation_timeout(options, timeout.inMilliseconds, &reason, reason.count)
    }
    let queue = rd_kafka_queue_new(handle)
    defer { rd_kafka_queue_destroy(queue) }
    send(options, queue)
    let deadline = ContinuousClock.now + timeout + .seconds(1)
    repeat {
      if let event = rd_kafka_queue_poll(queue, 100) {
        defer { rd_kafka_event_destroy(event) }
        let code = rd_kafka_event_error(event)
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else {
          let text = rd_kafka_event_error_string(event).map { String(cString: $0) }
          let error = KafkaError(code, reason: text, coordinates: .init(topic: topic))
          throw error.kind == .unavailable ? context.unavailable("an admin request was not answered") : error
        }
        context.recordContact()
        return try answer(event)
      }
      try pollAndThrowFailure()
    } while ContinuousClock.now < deadline && !isStopped()
    throw context.unavailable("an admin request was not answered")
  }
}

extension KafkaClient {
  /// The ids of a topic's partitions, ascending; empty if the topic does not exist.
  ///
  /// Requests metadata of all topics, since a request for one topic would create it on a broker with auto.create.topics.enable.
  func partitions(
    of topic: String, timeout: Duration, isStopped: () -> Bool = { false }
  ) throws(KafkaError) -> [Int32] {
    var answer: UnsafePointer<rd_kafka_metadata>?
    var code: rd_kafka_resp_err_t
    var left = timeout.inMilliseconds
    var slice: Int32 = 250
    // In slices of increasing length: a rejected password is reported between two of them.
    repeat {
      code = rd_kafka_metadata(handle, 1, nil, &answer, min(slice, left))
      try pollAndThrowFailure()
      left -= slice
      slice = min(slice * 2, 1000)
    } while !isStopped() && code != RD_KAFKA_RESP_ERR_NO_ERROR && KafkaError.Kind(code) == .unavailable && left > 0
    guard code == RD_KAFKA_RESP_ERR_NO_ERROR, let answer else {
      let error = KafkaError(code, coordinates: .init(topic: topic))
      guard error.kind == .unavailable else { throw error }
      context.recordTimeout()
      throw context.unavailable("no metadata received")
    }
    defer { rd_kafka_metadata_destroy(answer) }
    context.recordContact()
    for index in 0..<Int(answer.pointee.topic_cnt) {
      let entry = answer.pointee.topics[index]
      guard let name = entry.topic, String(cString: name) == topic else { continue }
      if entry.err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART { return [] }
      guard entry.err == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaError(entry.err, coordinates: .init(topic: topic)) }
      return (0..<Int(entry.partition_cnt)).map { entry.partitions[$0].id }.sorted()
    }
    return []
  }

  /// The cluster id; nil if it does not arrive within `timeout`.
  func clusterID(timeout: Duration) -> String? {
    // The id arrives with the first metadata: with 0 ms the result would be nil on a new client.
    guard let text = rd_kafka_clusterid(handle, max(10, timeout.inMilliseconds)) else { return nil }
    defer { rd_kafka_mem_free(handle, text) }
    return String(cString: text)
  }
}

/// The sink for log lines of a client: each state change once, not every attempt.
///
/// Also called on librdkafka's threads: the closure must return quickly and must not call the client.
package struct KafkaLog: Sendable {
  /// Severity, ascending.
  package enum Level: Sendable, Comparable {
    case debug, info, warning, error
  }

  private let sink: @Sendable (Level, String) -> Void

  /// A log that passes each line to `sink`.
  package init(_ sink: @escaping @Sendable (Level, String) -> Void) { self.sink = sink }

  /// Discards all lines.
  package static let silent = KafkaLog { _, _ in }

  /// Logs one line.
  package func callAsFunction(_ level: Level, _ text: String) { sink(level, text) }
}

extension Duration {
  /// Whole milliseconds, as librdkafka's calls take them.
  var inMilliseconds: Int32 { Int32(clamping: Int((self / .milliseconds(1)).rounded())) }
}

/// Settings of glibc's malloc for memory that a Kafka client frees.
package enum MallocTuning {
  /// Makes malloc return freed memory to the system. Call it before any thread starts.
  ///
  /// By default glibc retains freed megabytes, and uses an arena per librdkafka thread, which doubles the memory.
  package static func limitArenas() {
    mallopt(M_MMAP_THRESHOLD, 256 << 10)
    mallopt(M_TRIM_THRESHOLD, 1 << 20)
    mallopt(M_ARENA_MAX, 2)
  }
}
