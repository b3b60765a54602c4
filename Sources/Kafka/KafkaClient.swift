import CRdKafka
import Dispatch
import Synchronization

/// The one owner of a client handle of librdkafka's: opened by a factory, closed once.
///
/// `@unchecked`: librdkafka's introduction promises that its API is «completely thread-safe», calls on one `rd_kafka_t` from several
/// threads included; what may not happen is a call after `rd_kafka_destroy`, and who closes has made sure that nobody calls any more.
final class KafkaClient: @unchecked Sendable {
  enum Role {
    case producer, consumer

    var kind: rd_kafka_type_t { self == .producer ? RD_KAFKA_PRODUCER : RD_KAFKA_CONSUMER }
  }

  let handle: OpaquePointer
  let context: ConnectionMonitor
  private let isClosed = Mutex(false)

  /// librdkafka's version, a byte each for major, minor, revision and pre-release (0xff: none).
  static var libraryVersion: Int32 { rd_kafka_version() }

  private init(handle: OpaquePointer, context: ConnectionMonitor) {
    self.handle = handle
    self.context = context
  }

  deinit {
    assert(isClosed.withLock { $0 }, "a Kafka client was dropped without close()")
  }

  /// Opens a client. Nothing is asked of a broker yet.
  ///
  /// - Parameters:
  ///   - defaults: properties that the user's own come after.
  ///   - fixed: properties that no user's come after.
  ///   - owner: the part of the caller that its callbacks need, by `ConnectionMonitor.of(_:)`.
  ///   - prepare: registers further callbacks in librdkafka's configuration.
  static func open(
    _ role: Role, _ configuration: KafkaConfiguration, defaults: [(String, String)] = [], fixed: [(String, String)] = [],
    log: KafkaLog = .silent, owner: (any AnyObject & Sendable)? = nil, prepare: (OpaquePointer) -> Void = { _ in }
  ) throws(KafkaError) -> KafkaClient {
    guard let properties = rd_kafka_conf_new() else { throw KafkaError(kind: .internal, message: "librdkafka has no memory left") }
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
    // Without TLS in librdkafka it is refused, and never called.
    _ = rd_kafka_conf_set_ssl_cert_verify_cb(properties, checkCertificate)
    prepare(properties)
    var reason = [CChar](repeating: 0, count: 512)
    guard let handle = rd_kafka_new(role.kind, properties, &reason, reason.count) else {
      // «rd_kafka_new() … on failure the application still owns conf.»
      rd_kafka_conf_destroy(properties)
      opaque.release()
      throw .usage(
        "librdkafka does not take these properties together: \(String(buffer: reason))", advice: "See to -X and --kafka-config.")
    }
    return KafkaClient(handle: handle, context: context)
  }

  /// Serves callbacks for up to so many milliseconds, and returns earlier when one was served.
  func poll(milliseconds: Int32) {
    rd_kafka_poll(handle, milliseconds)
    context.logOutageIfDue()
  }

  /// Serves the callbacks that wait, and throws what they brought.
  func served() throws(KafkaError) {
    poll(milliseconds: 0)
    try check()
  }

  /// Throws what makes the client useless, if anything did.
  func check() throws(KafkaError) {
    if let failure = context.failure { throw failure }
  }

  /// Ends the client's threads and frees the handle, which no one may use any more; a second call does nothing.
  ///
  /// librdkafka may wait for a broker, or for an answer that never comes (the consumer of a topic that was deleted), without end. So it is
  /// waited for briefly, and the handle is left to the end of the process then.
  ///
  /// - Parameter flags: `RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE` to leave a consumer's group without a word.
  func close(flags: Int32 = 0) {
    let isFirst = isClosed.withLock { isClosed in
      defer { isClosed = true }
      return !isClosed
    }
    guard isFirst else { return }
    let ended = DispatchSemaphore(value: 0)
    DispatchQueue(label: "kafka.close").async { [self] in
      rd_kafka_destroy_flags(handle, flags)
      // «rd_kafka_destroy() … will block until all threads have been terminated»: no callback comes after it.
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

/// The verdict is OpenSSL's own: only its reason is noted, which librdkafka's error does not have.
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
