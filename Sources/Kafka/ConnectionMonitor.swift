import CRdKafka
import Synchronization

/// The state that librdkafka's callbacks of one client share with its owner: whether a broker responds, the fatal error, the log.
///
/// librdkafka reports every failed attempt. This class logs one line when the brokers become unavailable and one when they respond again.
final class ConnectionMonitor: Sendable {
  private struct State {
    /// librdkafka's message for the last connection that failed.
    var lastReason = ""
    /// OpenSSL's verification error of a broker's certificate since a broker last responded, and the remedy.
    var certificateFault: (reason: String, hint: String)?
    var unavailableSince: ContinuousClock.Instant?
    var isOutageLogged = false
    var failure: KafkaError?
    var loggedLines = Set<String>()
  }

  /// How long all brokers must be unavailable before it is logged: `localhost` is tried with IPv6 first, and may respond with IPv4 only.
  private static let outageLogDelay = Duration.seconds(1)
  private static let maxLoggedLines = 64

  let bootstrapServers: String
  let retrySeconds: Int
  /// The object of the producer or consumer that its callbacks use.
  let owner: (any AnyObject & Sendable)?
  private let log: KafkaLog
  private let usesScram: Bool
  private let state = Mutex(State())
  /// Whether `state` has anything that success must clear: one relaxed load per delivery report, without a lock.
  private let isSuspect = Atomic<Bool>(false)
  private let isFailed = Atomic<Bool>(false)
  /// Number of established connections that broke.
  let disconnects = Atomic<Int>(0)

  init(_ configuration: KafkaConfiguration, log: KafkaLog, owner: (any AnyObject & Sendable)?) {
    bootstrapServers = configuration.bootstrapServers
    retrySeconds = configuration.retrySeconds
    usesScram = configuration.usesScram
    self.owner = owner
    self.log = log
  }

  /// The error that makes the client unusable: wrong password, fenced, fatal. Cheap enough to read for each message.
  var failure: KafkaError? {
    isFailed.load(ordering: .relaxed) ? state.withLock { $0.failure } : nil
  }

  /// Records that a broker responded: a message was delivered or read, or metadata arrived.
  func recordContact() {
    guard isSuspect.load(ordering: .relaxed) else { return }
    let outage: Duration? = state.withLock { state in
      defer {
        (state.unavailableSince, state.isOutageLogged, state.loggedLines, state.lastReason, state.certificateFault) = (
          nil, false, [], "", nil
        )
      }
      return state.isOutageLogged ? state.unavailableSince.map { .now - $0 } : nil
    }
    isSuspect.store(false, ordering: .relaxed)
    if let outage { log(.info, "Kafka at \(bootstrapServers) answers again after \(outage.components.seconds) s") }
  }

  /// Records that no broker answered a request. librdkafka does not always report that all brokers are down: it does not connect to a
  /// broker that it does not need.
  func recordTimeout() {
    markSuspect { $0.unavailableSince = $0.unavailableSince ?? .now }
  }

  /// Whether a connection failed since a broker last responded.
  var connectionSuspect: Bool { isSuspect.load(ordering: .relaxed) }

  /// Logs, once, that the brokers are unavailable. To be called regularly during a wait.
  func logOutageIfDue() {
    guard isSuspect.load(ordering: .relaxed) else { return }
    let reason: String? = state.withLock { state in
      guard let since = state.unavailableSince, !state.isOutageLogged, .now - since >= Self.outageLogDelay else { return nil }
      state.isOutageLogged = true
      return state.lastReason
    }
    guard let reason else { return }
    log(.warning, "Kafka at \(bootstrapServers) does not answer\(reason.isEmpty ? "" : ": " + reason); trying for \(retrySeconds) s")
  }

  /// How long all brokers have been unavailable; nil while one responds.
  var unavailableDuration: Duration? {
    guard isSuspect.load(ordering: .relaxed) else { return nil }
    return state.withLock { $0.unavailableSince.map { .now - $0 } }
  }

  /// The error to end with when the time to retry is over.
  ///
  /// - Parameter what: the failure, such as `21 of 21 messages were not acknowledged`.
  func unavailable(_ what: String) -> KafkaError {
    let (reason, fault) = state.withLock { ($0.lastReason, $0.certificateFault) }
    return KafkaError(
      kind: .unavailable, name: "_TRANSPORT",
      message: "\(bootstrapServers): \(what) within \(retrySeconds) s\(reason.isEmpty ? "" : " (\(reason))")",
      isRetriable: true,
      hint: fault?.hint ?? "Check that the broker is running and that this is its address (--bootstrap-servers).")
  }

  /// Records that a broker's certificate was rejected.
  ///
  /// - Parameter verdict: an X509_V_ERR_ code of OpenSSL.
  func handleCertificateError(_ verdict: Int32, broker: String) {
    let certificate = "the certificate of \(broker.split(separator: "/").first.map(String.init) ?? broker)"
    let fault: (String, String) =
      switch verdict {
      case 9: ("\(certificate) is not valid yet", "Set the clock of this machine, or renew the broker's certificate.")
      case 10: ("\(certificate) has expired", "Renew the broker's certificate, or set the clock of this machine.")
      case 62, 64:
        (
          "\(certificate) is for another host name",
          "Use the host name of the certificate, in --bootstrap-servers and in the broker's advertised.listeners; "
            + "-X ssl.endpoint.identification.algorithm=none disables the check of names."
        )
      case 2, 18, 19, 20, 21:
        (
          "\(certificate) is not signed by an authority of ssl.ca.location",
          "Set the certificate of the authority that signed it: -X ssl.ca.location=FILE."
        )
      default: ("\(certificate) is not accepted (X509 error \(verdict))", "Check ssl.ca.location and the broker's certificate.")
      }
    markSuspect { state in
      state.certificateFault = fault
      state.lastReason = fault.0
    }
  }

  /// librdkafka's error callback.
  ///
  /// - Parameter code: a `rd_kafka_resp_err_t`.
  func handleError(_ code: Int32, reason: String, in client: OpaquePointer? = nil) {
    let code = rd_kafka_resp_err_t(rawValue: code)
    switch code {
    case RD_KAFKA_RESP_ERR__FATAL:
      var text = [CChar](repeating: 0, count: 512)
      let cause = rd_kafka_fatal_error(client, &text, text.count)
      var error = KafkaError(cause, reason: String(buffer: text))
      error.isRetriable = false
      fail(error)
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
      var error = KafkaError(code, reason: Self.withoutAttemptDetails(reason))
      if usesScram, KafkaClient.libraryVersion < 0x0206_01ff {
        let version = String(cString: rd_kafka_version_str())
        error.hint =
          "This librdkafka (\(version)) cannot do SCRAM with brokers since Kafka 3.9, even if the password is correct "
          + "(it repeats the nonce; 2.6.1 does not): use sasl.mechanism=PLAIN over TLS, or a newer librdkafka."
      }
      fail(error)
    case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
      markSuspect { $0.unavailableSince = $0.unavailableSince ?? .now }
    case _ where KafkaError.Kind(code) == .unauthorized:
      fail(KafkaError(code, reason: Self.withoutAttemptDetails(reason)))
    default:
      // `…: Disconnected (after 5002ms in state UP)`; a connection that was never established is in another state, such as CONNECT.
      if reason.contains("in state UP") { disconnects.wrappingAdd(1, ordering: .relaxed) }
      let text = Self.withoutAttemptDetails(reason)
      markSuspect { state in
        // OpenSSL's reason is more precise than a failed handshake, or a refused connection to another address of the same name.
        if state.certificateFault == nil { state.lastReason = text }
      }
      if isNew(text) { log(.debug, text) }
    }
  }

  /// Facilities whose lines repeat what the caller knows already. Connection failures and fatal errors are passed to the error callback,
  /// too; transaction errors are returned by the failing call; the caller counts messages left unsent at the end. A failed offset commit
  /// changes nothing. The rest are messages about the start of a broker, and properties of the other program in a file used for both.
  private static let suppressedFacilities: Set<String> = [
    "FAIL", "ERROR", "FATAL", "TXNERR", "TERMINATE", "GETPID", "CONFWARN", "COMMITFAIL", "CERTVERIFY",
  ]

  /// librdkafka's log callback.
  func handleLog(level: Int32, facility: String, text: String) {
    let text = text.firstRange(of: "]: ").map { String(text[$0.upperBound...]) } ?? text
    let level: KafkaLog.Level = level > 4 || Self.suppressedFacilities.contains(facility) ? .debug : level == 4 ? .warning : .error
    // librdkafka writes debug lines only on request (-X debug=…), so all of them are logged.
    if level == .debug || isNew(facility + text) { log(level, "librdkafka: \(text)") }
  }

  private func fail(_ error: KafkaError) {
    state.withLock { $0.failure = $0.failure ?? error }
    isFailed.store(true, ordering: .relaxed)
  }

  private func markSuspect(_ change: (inout State) -> Void) {
    state.withLock { change(&$0) }
    isSuspect.store(true, ordering: .relaxed)
  }

  /// Whether a line like this, ignoring its digits, has not been logged since a broker last responded.
  private func isNew(_ text: String) -> Bool {
    let shape = String(decoding: text.utf8.filter { !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }, as: UTF8.self)
    let isNew = state.withLock { state in
      if state.loggedLines.count == Self.maxLoggedLines { state.loggedLines.removeAll() }
      return state.loggedLines.insert(shape).inserted
    }
    isSuspect.store(true, ordering: .relaxed)
    return isNew
  }

  /// librdkafka's message without the part that differs per attempt: `(after 3ms in state CONNECT, 2 identical error(s) suppressed)`.
  private static func withoutAttemptDetails(_ reason: String) -> String {
    var text = reason
    if let after = text.firstRange(of: " (after ") { text = String(text[..<after.lowerBound]) }
    // `kafka:9092/bootstrap: ` or `kafka:9092/1: `
    if let colon = text.firstRange(of: ": "), case let name = text[..<colon.lowerBound], name.contains("/"), !name.contains(" ") {
      text = String(text[colon.upperBound...])
    }
    return text
  }
}
