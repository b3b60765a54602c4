/// An error of Kafka or of the connection to it: where it happened, whether a retry can help, and the remedy.
///
/// It never contains a password or the content of a message.
public struct KafkaError: Error, Sendable, Equatable {
  /// The kind of an error, which decides the exit status.
  public enum Kind: Sendable, Equatable {
    /// An invalid property or call.
    case usage
    /// A message that Kafka rejects: too large, or not allowed by the topic's settings.
    case data
    /// Broker, topic or coordinator unavailable, temporarily or for `--retry-seconds`.
    case unavailable
    /// Another run with the same transactional id (or another member with the same group.instance.id) took over, or the transaction timed
    /// out.
    case fenced
    /// Wrong password, or a missing permission.
    case unauthorized
    /// Anything else: a bug in this program.
    case `internal`

    /// The exit status of the program (docs/design.md).
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

  /// A topic, a partition of it, or a record.
  public struct Coordinates: Sendable, Equatable {
    /// The topic's name.
    public var topic: String
    /// The partition, if it is known.
    public var partition: Int32?
    /// The record's offset, if it is known.
    public var offset: Int64?

    /// Coordinates of a topic, a partition or a record.
    public init(topic: String, partition: Int32? = nil, offset: Int64? = nil) {
      (self.topic, self.partition, self.offset) = (topic, partition, offset)
    }
  }

  /// The kind, which decides the exit status.
  public var kind: Kind
  /// librdkafka's name of the error without its prefix, such as `_TRANSPORT`; empty for an error of this package.
  public var name: String
  /// One sentence without a period.
  public var message: String
  /// Whether the same call may succeed when it is retried.
  public var isRetriable: Bool
  /// Whether the client that reported it is unusable.
  public var isFatal: Bool
  /// Whether the transaction can only be aborted.
  public var needsAbort: Bool
  /// Where it happened, if it is known.
  public var coordinates: Coordinates?
  /// The remedy in complete sentences, if it is known.
  public var advice: String?

  /// An error of this package.
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
  /// For example `topic rows, partition 0, offset 12`.
  public var description: String {
    var text = "topic \(topic)"
    if let partition { text += ", partition \(partition)" }
    if let offset { text += ", offset \(offset)" }
    return text
  }
}

extension KafkaError: CustomStringConvertible {
  /// Coordinates, message and advice as one line.
  public var description: String {
    var text = message
    if let coordinates { text = "\(coordinates): \(text)" }
    if let advice { text += ". \(advice)" }
    return text
  }
}
