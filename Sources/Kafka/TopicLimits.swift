/// What a topic's settings ask of its messages. Known before the first one is sent: a broker refuses a whole batch for one of its messages,
/// and for the size that they have together.
public struct TopicLimits: Sendable, Equatable {
  /// `max.message.bytes`: what one batch may have, and so what one message may.
  public var maximumBytes: Int
  /// `cleanup.policy` has compact: a message without a key is not taken.
  public var isCompacted: Bool
  /// The broker compresses batches before it measures them.
  public var isCompressed: Bool

  public init(maximumBytes: Int, isCompacted: Bool = false, isCompressed: Bool = false) {
    (self.maximumBytes, self.isCompacted, self.isCompressed) = (maximumBytes, isCompacted, isCompressed)
  }

  init?(_ settings: [String: String]) {
    guard let maximumBytes = settings["max.message.bytes"].flatMap({ Int($0) }) else { return nil }
    self.init(
      maximumBytes: maximumBytes, isCompacted: settings["cleanup.policy"]?.contains("compact") ?? false,
      isCompressed: !["producer", "uncompressed", nil].contains(settings["compression.type"]))
  }
}

extension KafkaClient {
  /// Asks a broker, for two seconds at most. Nil where none answers in time, there is no such topic yet, or its settings are not to be
  /// read (the right DESCRIBE_CONFIGS is missing): then the broker's refusal says what there is to say.
  func limits(of topic: String) -> TopicLimits? {
    let milliseconds = Int32(min(2, context.retrySeconds)) * 1000
    return (try? configuration(of: topic, milliseconds: milliseconds)).flatMap { TopicLimits($0) }
  }
}

extension KafkaProducer {
  /// Why a message of these sizes would be refused, or nil: `MSG_SIZE_TOO_LARGE` or, without a key, `INVALID_RECORD`.
  ///
  /// - Parameter key: nil: it has none.
  public func refusal(key: Int?, value: Int) -> KafkaError? {
    if key == nil, let limits, limits.isCompacted { return Self.keyless(topic) }
    let bytes = (key ?? 0) + value
    var broken: [String] = []
    if bytes > maximumBytes { broken.append("message.max.bytes (\(maximumBytes)) here") }
    // With compression only the broker knows.
    if let limits, !isCompressed, Self.batchBytes(key: key, value: value) > limits.maximumBytes {
      broken.append("max.message.bytes (\(limits.maximumBytes)) of the topic")
    }
    guard !broken.isEmpty else { return nil }
    let topics = broken.count == 2 ? ", and the topic's" : limits == nil ? ", and the topic's max.message.bytes if that is less" : ""
    return KafkaError(
      kind: .data, name: "MSG_SIZE_TOO_LARGE",
      message: "its message has \(bytes) bytes, more than \(broken.joined(separator: " and ")) allow\(broken.count == 1 ? "s" : "")",
      place: .init(topic: topic),
      advice: bytes > maximumBytes
        ? "Raise it, as in -X message.max.bytes=\(bytes)\(topics), or shorten the row."
        : "Raise the topic's, or shorten the row.")
  }

  /// A batch with this message alone, as the protocol writes it (KIP-98): 61 bytes, and the record with its variable-length integers.
  static func batchBytes(key: Int?, value: Int) -> Int {
    // Zigzag coded; 7 bits a byte.
    func length(_ number: Int) -> Int { (max(1, Int.bitWidth - (2 * number).leadingZeroBitCount) + 6) / 7 }
    // Attributes, timestamp, offset, headers: one byte each. A key's absence is -1, in one byte.
    let record = 4 + (key.map { length($0) + $0 } ?? 1) + length(value) + value
    return 61 + length(record) + record
  }

  static func keyless(_ topic: String) -> KafkaError {
    KafkaError(
      kind: .data, name: "INVALID_RECORD", message: "a compacted topic (cleanup.policy=compact) takes no message without a key",
      place: .init(topic: topic),
      advice: "Name the key of the rows (\"primaryKey\" in the description), or publish to a topic that is not compacted (--topic).")
  }

  /// What a broker's refusal of a batch means, where the topic's settings tell.
  func refused(_ error: KafkaError) -> KafkaError {
    var error = error
    // The topic may not have been there at the start.
    let limits = limits ?? client.limits(of: topic)
    switch error.name {
    case "INVALID_RECORD":
      if limits?.isCompacted == true {
        let place = error.coordinates
        error = Self.keyless(topic)
        error.coordinates = place
      }
    case "MSG_SIZE_TOO_LARGE", "RECORD_LIST_TOO_LARGE":
      let maximum = limits.map { "max.message.bytes (\($0.maximumBytes))" } ?? "max.message.bytes"
      error.message = "a batch is larger than \(maximum) of the topic allows"
      error.advice =
        "Send smaller ones, as in -X batch.size=\(limits.map { min($0.maximumBytes, 16_384) } ?? 16_384); a single row above it is to be shortened, "
        + "or the topic's max.message.bytes to be raised."
    default: break
    }
    return error
  }
}
