/// What went wrong at Kafka or on the way to it: where, whether trying again can help, and what to do.
///
/// No text of it holds a password or a message's content.
public struct KafkaError: Error, Sendable, Equatable {
  /// What a program can make of it; each kind has its exit status.
  public enum Kind: Sendable, Equatable {
    /// A property or a call that cannot work.
    case usage
    /// A message that Kafka does not take as it is: too large, or refused by a rule of the topic.
    case data
    /// Broker, topic or coordinator away, for now or for `--retry-seconds`.
    case unavailable
    /// Another run of the same transactional id (or member of the same static group id) took over, or the transaction timed out.
    case fenced
    /// Wrong password, or a right that is missing.
    case unauthorized
    /// Anything else: a bug of ours.
    case `internal`

    /// The status that a program exits with (DESIGN's table).
    public var exitStatus: Int32 {
      switch self {
      case .usage: 64
      case .data: 65
      case .unavailable, .fenced: 69
      case .unauthorized: 77
      case .internal: 70
      }
    }
  }

  /// A place in a topic.
  public struct Coordinates: Sendable, Equatable {
    public var topic: String
    public var partition: Int32?
    public var offset: Int64?

    public init(topic: String, partition: Int32? = nil, offset: Int64? = nil) {
      (self.topic, self.partition, self.offset) = (topic, partition, offset)
    }
  }

  public var kind: Kind
  /// librdkafka's name of the error without its prefix, such as `_TRANSPORT`; empty where it is an error of ours.
  public var name: String
  /// One sentence without a full stop.
  public var message: String
  /// The same call may succeed when it is made again.
  public var isRetriable: Bool
  /// The client that it came from is of no more use.
  public var isFatal: Bool
  /// The transaction can only be aborted.
  public var needsAbort: Bool
  public var coordinates: Coordinates?
  /// What the user can do about it, in sentences, where that is known.
  public var advice: String?

  public init(
    kind: Kind, name: String = "", message: String, isRetriable: Bool = false, isFatal: Bool = false, needsAbort: Bool = false,
    place: Coordinates? = nil, advice: String? = nil
  ) {
    self.kind = kind
    self.name = name
    self.message = message
    self.isRetriable = isRetriable
    self.isFatal = isFatal
    self.needsAbort = needsAbort
    self.coordinates = place
    self.advice = advice
  }

  static func usage(_ message: String, advice: String?) -> KafkaError {
    KafkaError(kind: .usage, message: message, advice: advice)
  }
}

extension KafkaError.Coordinates: CustomStringConvertible {
  public var description: String {
    var text = "topic \(topic)"
    if let partition { text += ", partition \(partition)" }
    if let offset { text += ", offset \(offset)" }
    return text
  }
}

extension KafkaError: CustomStringConvertible {
  public var description: String {
    var text = message
    if let coordinates { text = "\(coordinates): \(text)" }
    if let advice { text += ". \(advice)" }
    return text
  }
}
