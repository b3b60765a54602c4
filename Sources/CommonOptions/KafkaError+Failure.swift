import Console
import Kafka

extension KafkaError: FailureRepresentable {
  public var failure: Failure {
    let message = place.map { "\($0): \(self.message)" } ?? self.message
    let advice =
      self.advice
      ?? (kind == .unreachable ? "Is a broker running there? --bootstrap-servers or KAFKA_BOOTSTRAP_SERVERS says where to look." : nil)
    return Failure(ExitCode(kind.exitStatus), "Kafka: \(message)", advice: advice)
  }
}
