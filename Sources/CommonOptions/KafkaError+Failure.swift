import Console
import Kafka

extension KafkaError: CommandErrorConvertible {
  public var failure: CommandError {
    let message = coordinates.map { "\($0): \(self.message)" } ?? self.message
    let advice =
      self.advice
      ?? (kind == .unavailable ? "Is a broker running there? --bootstrap-servers or KAFKA_BOOTSTRAP_SERVERS says where to look." : nil)
    return CommandError(ExitCode(kind.exitStatus), "Kafka: \(message)", advice: advice)
  }
}
