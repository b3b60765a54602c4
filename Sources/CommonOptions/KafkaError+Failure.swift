import Console
import Kafka

extension KafkaError: CommandErrorConvertible {
  /// The exit code of the error's kind, with the record's coordinates in the message.
  public var failure: CommandError {
    let message = coordinates.map { "\($0): \(self.message)" } ?? self.message
    let advice =
      self.advice
      ?? (kind == .unavailable ? "Is a broker running there? --bootstrap-servers or KAFKA_BOOTSTRAP_SERVERS sets the address." : nil)
    return CommandError(ExitCode(kind.exitStatus), "Kafka: \(message)", advice: advice)
  }
}
