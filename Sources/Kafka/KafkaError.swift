import CRdKafka

/// An error of Kafka or of the connection to it: where it happened, whether a retry can help, and the remedy.
///
/// It never contains a password or the content of a message.
package struct KafkaError: Error, Sendable, Equatable {
  /// The kind of an error, which decides the exit status.
  package enum Kind: Sendable, Equatable {
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

    /// The exit status of the program (docs/operations.md).
    package var exitStatus: Int32 {
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
  package struct Coordinates: Sendable, Equatable {
    /// The topic's name.
    package var topic: String
    /// The partition, if it is known.
    package var partition: Int32?
    /// The record's offset, if it is known.
    package var offset: Int64?

    /// Coordinates of a topic, a partition or a record.
    package init(topic: String, partition: Int32? = nil, offset: Int64? = nil) {
      (self.topic, self.partition, self.offset) = (topic, partition, offset)
    }
  }

  /// The kind, which decides the exit status.
  package var kind: Kind
  /// librdkafka's name of the error without its prefix, such as `_TRANSPORT`; empty for an error of this package.
  package var name: String
  /// One sentence without a period.
  package var message: String
  /// Whether the same call may succeed when it is retried.
  package var isRetriable: Bool
  /// Where it happened, if it is known.
  package var coordinates: Coordinates?
  /// The remedy in complete sentences, if it is known.
  package var hint: String?

  /// An error of this package.
  package init(
    kind: Kind, name: String = "", message: String, isRetriable: Bool = false, coordinates: Coordinates? = nil, hint: String? = nil
  ) {
    self.kind = kind
    self.name = name
    self.message = message
    self.isRetriable = isRetriable
    self.coordinates = coordinates
    self.hint = hint
  }

  static func usage(_ message: String, hint: String?) -> KafkaError {
    KafkaError(kind: .usage, message: message, hint: hint)
  }
}

extension KafkaError.Coordinates: CustomStringConvertible {
  /// For example `topic rows, partition 0, offset 12`.
  package var description: String {
    var text = "topic \(topic)"
    if let partition { text += ", partition \(partition)" }
    if let offset { text += ", offset \(offset)" }
    return text
  }
}

extension KafkaError: CustomStringConvertible {
  /// Coordinates, message and hint as one line.
  package var description: String {
    var text = message
    if let coordinates { text = "\(coordinates): \(text)" }
    if let hint { text += ". \(hint)" }
    return text
  }
}

extension KafkaError {
  /// The error for a librdkafka error code.
  ///
  /// - Parameter reason: librdkafka's message, if it is more specific than the code's description.
  init(_ code: rd_kafka_resp_err_t, reason: String? = nil, coordinates: Coordinates? = nil) {
    let kind = Kind(code)
    self.init(
      kind: kind,
      name: String(cString: rd_kafka_err2name(code)),
      message: reason ?? String(cString: rd_kafka_err2str(code)),
      isRetriable: kind == .unavailable,
      coordinates: coordinates,
      hint: Self.hint(code, topic: coordinates?.topic))
  }

  /// The error for a number of `rd_kafka_resp_err_t`.
  package init(code: Int32, coordinates: Coordinates?) { self.init(rd_kafka_resp_err_t(rawValue: code), coordinates: coordinates) }

  /// Converts an error object of librdkafka and frees it; nil means success.
  init?(consuming error: OpaquePointer?, coordinates: Coordinates? = nil) {
    guard let error else { return nil }
    defer { rd_kafka_error_destroy(error) }
    self.init(rd_kafka_error_code(error), reason: String(cString: rd_kafka_error_string(error)), coordinates: coordinates)
    if rd_kafka_error_is_retriable(error) != 0 { isRetriable = true }
    let isFatal = rd_kafka_error_is_fatal(error) != 0 || rd_kafka_error_code(error) == RD_KAFKA_RESP_ERR__FATAL || kind == .fenced
    if isFatal || rd_kafka_error_txn_requires_abort(error) != 0 { isRetriable = false }
  }

  private static func hint(_ code: rd_kafka_resp_err_t, topic: String?) -> String? {
    switch code {
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE, RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE:
      return "Raise -X message.max.bytes here and max.message.bytes of the topic, or shorten the message."
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
      return "Create it, or let the broker create topics on first use (auto.create.topics.enable)."
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
      return "Grant the operations DESCRIBE and WRITE (to publish) or READ (to land) on the topic."
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
      return "Grant the operation READ on the consumer group."
    case RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED:
      return "Grant the operations DESCRIBE and WRITE on the transactional id, or choose another with --transactional-id."
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
      return "Grant the operation IDEMPOTENT_WRITE on the cluster."
    case RD_KAFKA_RESP_ERR__AUTHENTICATION, RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
      return "Check sasl.username, sasl.password and sasl.mechanism."
    case RD_KAFKA_RESP_ERR__SSL:
      return "Check ssl.ca.location and the name in the broker's certificate."
    case RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID:
      return "A process that started later has the same --instance-id and reads in place of this one: give each process its own."
    default:
      return nil
    }
  }
}

extension KafkaError.Kind {
  init(_ code: rd_kafka_resp_err_t) {
    switch code {
    case RD_KAFKA_RESP_ERR__TRANSPORT, RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, RD_KAFKA_RESP_ERR__RESOLVE, RD_KAFKA_RESP_ERR__SSL,
      RD_KAFKA_RESP_ERR__TIMED_OUT, RD_KAFKA_RESP_ERR__MSG_TIMED_OUT, RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE,
      RD_KAFKA_RESP_ERR__WAIT_COORD, RD_KAFKA_RESP_ERR__WAIT_CACHE, RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC,
      RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION, RD_KAFKA_RESP_ERR__UNKNOWN_BROKER, RD_KAFKA_RESP_ERR__ISR_INSUFF,
      RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT, RD_KAFKA_RESP_ERR_NETWORK_EXCEPTION, RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE,
      RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE, RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, RD_KAFKA_RESP_ERR_REPLICA_NOT_AVAILABLE,
      RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS,
      RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE, RD_KAFKA_RESP_ERR_NOT_COORDINATOR, RD_KAFKA_RESP_ERR_NOT_CONTROLLER,
      RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS_AFTER_APPEND,
      RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR, RD_KAFKA_RESP_ERR_UNKNOWN_LEADER_EPOCH, RD_KAFKA_RESP_ERR_FENCED_LEADER_EPOCH,
      RD_KAFKA_RESP_ERR_CONCURRENT_TRANSACTIONS, RD_KAFKA_RESP_ERR_THROTTLING_QUOTA_EXCEEDED,
      RD_KAFKA_RESP_ERR_OFFSET_NOT_AVAILABLE, RD_KAFKA_RESP_ERR_STALE_BROKER_EPOCH:
      self = .unavailable
    case RD_KAFKA_RESP_ERR__FENCED, RD_KAFKA_RESP_ERR_PRODUCER_FENCED, RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH,
      RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID, RD_KAFKA_RESP_ERR_TRANSACTION_COORDINATOR_FENCED:
      self = .fenced
    case RD_KAFKA_RESP_ERR__AUTHENTICATION, RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED,
      RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED,
      RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED, RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
      RD_KAFKA_RESP_ERR_DELEGATION_TOKEN_AUTHORIZATION_FAILED, RD_KAFKA_RESP_ERR_DELEGATION_TOKEN_EXPIRED,
      RD_KAFKA_RESP_ERR_SECURITY_DISABLED:
      self = .unauthorized
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE, RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE,
      RD_KAFKA_RESP_ERR_INVALID_RECORD, RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP:
      self = .data
    case RD_KAFKA_RESP_ERR__INVALID_ARG, RD_KAFKA_RESP_ERR__CONFLICT, RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION,
      RD_KAFKA_RESP_ERR_INVALID_GROUP_ID, RD_KAFKA_RESP_ERR_INVALID_TRANSACTION_TIMEOUT,
      RD_KAFKA_RESP_ERR_INVALID_SESSION_TIMEOUT, RD_KAFKA_RESP_ERR_UNSUPPORTED_SASL_MECHANISM,
      RD_KAFKA_RESP_ERR_INVALID_PARTITIONS, RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR, RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS,
      RD_KAFKA_RESP_ERR_UNSUPPORTED_COMPRESSION_TYPE:
      self = .usage
    default:
      self = .internal
    }
  }
}

extension String {
  /// The text that a C call wrote into a buffer, up to its NUL.
  init(buffer: [CChar]) {
    self.init(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
