import CRdKafka
import Synchronization

/// What librdkafka's callbacks of one client share with its owner: whether a broker answers, what ended the client, its log.
///
/// librdkafka tells every failed attempt; here that becomes one line when the brokers go away and one when they answer again.
final class ConnectionMonitor: Sendable {
  private struct State {
    /// librdkafka's words for the last connection that failed.
    var lastReason = ""
    /// What OpenSSL found wrong with a broker's certificate since one last answered, and what to do.
    var certificateFault: (reason: String, advice: String)?
    var unreachableSince: ContinuousClock.Instant?
    var isOutageLogged = false
    var failure: KafkaError?
    var loggedLines = Set<String>()
  }

  /// How long all brokers must be away before it is told: `localhost` is first tried by IPv6, and the answer comes by IPv4.
  private static let outageLogDelay = Duration.seconds(1)
  private static let maxLoggedLines = 64

  let bootstrapServers: String
  let retrySeconds: Int
  /// The producer's or consumer's own part, reached from its callbacks.
  let owner: (any AnyObject & Sendable)?
  private let log: KafkaLog
  private let usesScram: Bool
  private let state = Mutex(State())
  /// Whether `state` has anything that success must clear: one relaxed load for each delivery report, no lock.
  private let isSuspect = Atomic<Bool>(false)
  private let isFailed = Atomic<Bool>(false)
  /// Connections in use that broke.
  let disconnects = Atomic<Int>(0)

  init(_ configuration: KafkaConfiguration, log: KafkaLog, owner: (any AnyObject & Sendable)?) {
    bootstrapServers = configuration.bootstrapServers
    retrySeconds = configuration.retrySeconds
    usesScram = configuration.usesScram
    self.owner = owner
    self.log = log
  }

  /// What makes the client useless: wrong password, fenced, fatal. Cheap enough to ask for each message.
  var failure: KafkaError? {
    isFailed.load(ordering: .relaxed) ? state.withLock { $0.failure } : nil
  }

  /// A broker answered: a message was delivered or read, or metadata came.
  func recordContact() {
    guard isSuspect.load(ordering: .relaxed) else { return }
    let wasAway: Duration? = state.withLock { state in
      defer {
        (state.unreachableSince, state.isOutageLogged, state.loggedLines, state.lastReason, state.certificateFault) = (
          nil, false, [], "", nil
        )
      }
      return state.isOutageLogged ? state.unreachableSince.map { .now - $0 } : nil
    }
    isSuspect.store(false, ordering: .relaxed)
    if let wasAway { log(.info, "Kafka at \(bootstrapServers) answers again after \(wasAway.components.seconds) s") }
  }

  /// No broker answered a question. librdkafka itself does not always tell that all are down: one that it has no use for is not tried.
  func recordTimeout() {
    markSuspect { $0.unreachableSince = $0.unreachableSince ?? .now }
  }

  /// Whether a connection failed, or worse, since a broker last answered.
  var connectionSuspect: Bool { isSuspect.load(ordering: .relaxed) }

  /// To be called now and then by whoever waits: tells, once, that the brokers are away.
  func logOutageIfDue() {
    guard isSuspect.load(ordering: .relaxed) else { return }
    let reason: String? = state.withLock { state in
      guard let since = state.unreachableSince, !state.isOutageLogged, .now - since >= Self.outageLogDelay else { return nil }
      state.isOutageLogged = true
      return state.lastReason
    }
    guard let reason else { return }
    log(.warning, "Kafka at \(bootstrapServers) does not answer\(reason.isEmpty ? "" : ": " + reason); trying for \(retrySeconds) s")
  }

  /// How long all brokers have been away; nil while one answers.
  var unreachableDuration: Duration? {
    guard isSuspect.load(ordering: .relaxed) else { return nil }
    return state.withLock { $0.unreachableSince.map { .now - $0 } }
  }

  /// The error to end with when the time to retry is over.
  ///
  /// - Parameter what: what was waited for, such as `21 of 21 messages were not acknowledged`.
  func unavailable(_ what: String) -> KafkaError {
    let (reason, fault) = state.withLock { ($0.lastReason, $0.certificateFault) }
    return KafkaError(
      kind: .unavailable, name: "_TRANSPORT",
      message: "\(bootstrapServers): \(what) within \(retrySeconds) s\(reason.isEmpty ? "" : " (\(reason))")",
      isRetriable: true,
      advice: fault?.advice ?? "Is the broker up, and is this its address (--bootstrap-servers)?")
  }

  /// A broker's certificate is not accepted.
  ///
  /// - Parameter verdict: an X509_V_ERR_ number of OpenSSL's.
  func handleCertificateError(_ verdict: Int32, broker: String) {
    let certificate = "the certificate of \(broker.split(separator: "/").first.map(String.init) ?? broker)"
    let fault: (String, String) =
      switch verdict {
      case 9: ("\(certificate) is not valid yet", "Set the clock of this machine, or renew the broker's certificate.")
      case 10: ("\(certificate) has expired", "Renew the broker's certificate, or set the clock of this machine.")
      case 62, 64:
        (
          "\(certificate) is for another host name",
          "Name the broker as its certificate does, in --bootstrap-servers and in its advertised.listeners; "
            + "-X ssl.endpoint.identification.algorithm=none does not compare names."
        )
      case 2, 18, 19, 20, 21:
        (
          "\(certificate) is not signed by an authority of ssl.ca.location",
          "Name the certificate of the authority that signed it: -X ssl.ca.location=FILE."
        )
      default: ("\(certificate) is not accepted (X509 error \(verdict))", "See to ssl.ca.location and to the broker's certificate.")
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
      (error.isFatal, error.isRetriable) = (true, false)
      fail(error)
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
      var error = KafkaError(code, reason: Self.withoutAttemptDetails(reason))
      if usesScram, KafkaClient.libraryVersion < 0x0206_01ff {
        let version = String(cString: rd_kafka_version_str())
        error.advice =
          "librdkafka \(version) cannot do SCRAM with brokers since Kafka 3.9, however right the password is "
          + "(it repeats the nonce; 2.6.1 does not): use sasl.mechanism=PLAIN over TLS, or a newer librdkafka."
      }
      fail(error)
    case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
      markSuspect { $0.unreachableSince = $0.unreachableSince ?? .now }
    case _ where KafkaError.Kind(code) == .unauthorized:
      fail(KafkaError(code, reason: Self.withoutAttemptDetails(reason)))
    default:
      // `…: Disconnected (after 5002ms in state UP)`; one that never was in use is in another state, such as CONNECT.
      if reason.contains("in state UP") { disconnects.wrappingAdd(1, ordering: .relaxed) }
      let text = Self.withoutAttemptDetails(reason)
      markSuspect { state in
        // OpenSSL's reason says more than that the handshake failed, or that another address of the same name refuses connections.
        if state.certificateFault == nil { state.lastReason = text }
      }
      if isNew(text) { log(.debug, text) }
    }
  }

  /// Kinds of lines that tell what the caller learns otherwise: failures of connections and fatal errors come to the error callback, too,
  /// errors of a transaction with the call that meets them, and what is left unsent at the end is counted by whoever sent it. Offsets that
  /// Kafka does not take change nothing. The others are the start of a broker, and properties of the other program in a file for both.
  private static let suppressedFacilities: Set<String> = [
    "FAIL", "ERROR", "FATAL", "TXNERR", "TERMINATE", "GETPID", "CONFWARN", "COMMITFAIL", "CERTVERIFY",
  ]

  /// librdkafka's log callback.
  func handleLog(level: Int32, facility: String, text: String) {
    let text = text.firstRange(of: "]: ").map { String(text[$0.upperBound...]) } ?? text
    let level: KafkaLog.Level = level > 4 || Self.suppressedFacilities.contains(facility) ? .debug : level == 4 ? .warning : .error
    // Debug lines of librdkafka's own are there for the asking (-X debug=…): all of them.
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

  /// Whether such a line, whatever its numbers, was not yet told since a broker last answered.
  private func isNew(_ text: String) -> Bool {
    let shape = String(decoding: text.utf8.filter { !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }, as: UTF8.self)
    let isNew = state.withLock { state in
      if state.loggedLines.count == Self.maxLoggedLines { state.loggedLines.removeAll() }
      return state.loggedLines.insert(shape).inserted
    }
    isSuspect.store(true, ordering: .relaxed)
    return isNew
  }

  /// librdkafka's words without what differs at each attempt: `(after 3ms in state CONNECT, 2 identical error(s) suppressed)`.
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
