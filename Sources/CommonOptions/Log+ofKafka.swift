import Console
import Kafka

extension Log {
  /// This log as the Kafka client's log.
  public var ofKafka: KafkaLog {
    KafkaLog { level, text in
      switch level {
      case .error: error(text)
      case .warning: warning(text)
      case .info: info(text)
      case .debug: debug(text)
      }
    }
  }
}
