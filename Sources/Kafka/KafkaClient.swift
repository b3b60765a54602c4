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
  ///   - fixed: properties that override the user's properties.
  ///   - owner: the caller's object for its callbacks, available through `ConnectionMonitor.of(_:)`.
  ///   - prepare: registers further callbacks in librdkafka's configuration.
  /// - Throws: `KafkaError` of kind `usage` for an invalid property or combination of properties.
  static func open(
    _ role: Role, _ configuration: KafkaConfiguration, defaults: [(String, String)] = [], fixed: [(String, String)] = [],
    log: KafkaLog = .silent, owner: (any AnyObject & Sendable)? = nil, prepare: (OpaquePointer) -> Void = { _ in }
  ) throws(KafkaError) -> KafkaClient {
    guard let properties = rd_kafka_conf_new() else { throw KafkaError(kind: .internal, message: "librdkafka is out of memory") }
    let context = ConnectionMonitor(configuration, log: log, owner: owner)
    let opaque = Unmanaged.passRetained(context)
    do {
      for (name, value) in defaults { try KafkaProperty.set(name, value, in: properties) }
      for property in configuration.properties { try KafkaProperty.set(property.name, property.value, in: properties) }
      for (name, value) in fixed + [("bootstrap.servers", configuration.bootstrapServers)] {
        try KafkaProperty.set(name, value, in: properties)
      }
    } catch {
      rd_kafka_conf_destroy(properties)
      opaque.release()
      throw error
    }
    rd_kafka_conf_set_opaque(properties, opaque.toOpaque())
    rd_kafka_conf_set_error_cb(properties, meetError)
    rd_kafka_conf_set_log_cb(properties, noteLine)
    // In a librdkafka without TLS this call fails, and the callback is not needed.
    _ = rd_kafka_conf_set_ssl_cert_verify_cb(properties, checkCertificate)
    prepare(properties)
    var reason = [CChar](repeating: 0, count: 512)
    guard let handle = rd_kafka_new(role.kind, properties, &reason, reason.count) else {
      // "rd_kafka_new() … on failure the application still owns conf."
      rd_kafka_conf_destroy(properties)
      opaque.release()
      throw .usage(
        "librdkafka rejects this combination of properties: \(String(buffer: reason))", advice: "Check -X and --kafka-config.")
    }
    return KafkaClient(handle: handle, context: context)
  }

  /// Serves callbacks for up to `milliseconds`; returns earlier once one was served.
  func poll(milliseconds: Int32) {
    rd_kafka_poll(handle, milliseconds)
    context.logOutageIfDue()
  }

  /// Serves pending callbacks, and throws the error that made the client unusable, if there is one.
  func served() throws(KafkaError) {
    poll(milliseconds: 0)
    try check()
  }

  /// Throws the error that made the client unusable, if there is one.
  func check() throws(KafkaError) {
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

private let meetError: @convention(c) (OpaquePointer?, Int32, UnsafePointer<CChar>?, UnsafeMutableRawPointer?) -> Void = {
  client, code, reason, opaque in
  ConnectionMonitor.of(opaque)?.handleError(
    code, reason: reason.map { String(cString: $0) } ?? "", in: client)
}

/// Keeps OpenSSL's verdict and only records its reason, which librdkafka's error does not contain.
private let checkCertificate:
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

private let noteLine: @convention(c) (OpaquePointer?, Int32, UnsafePointer<CChar>?, UnsafePointer<CChar>?) -> Void = {
  client, level, facility, text in
  guard let client, let facility, let text else { return }
  ConnectionMonitor.of(rd_kafka_opaque(client))?.handleLog(
    level: level, facility: String(cString: facility), text: String(cString: text))
}
