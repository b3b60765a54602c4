import CRdKafka
import Synchronization

/// Counts librdkafka's delivery reports: one per produced message, delivered or failed.
final class DeliveryTracker: Sendable {
  let delivered = Atomic<Int>(0)
  let failed = Atomic<Int>(0)
  /// The error and the tag of the first message that was not delivered. Later messages mostly fail for the same reason.
  let firstFailure = Mutex<(error: KafkaError, tag: Int)?>(nil)

  func take(_ message: rd_kafka_message_t, context: ConnectionMonitor) {
    if message.err == RD_KAFKA_RESP_ERR_NO_ERROR {
      delivered.wrappingAdd(1, ordering: .relaxed)
      context.recordContact()
      return
    }
    failed.wrappingAdd(1, ordering: .relaxed)
    firstFailure.withLock { first in
      guard first == nil else { return }
      let topic = message.rkt.flatMap { rd_kafka_topic_name($0) }.map { String(cString: $0) } ?? ""
      let place = KafkaError.Coordinates(topic: topic, partition: message.partition < 0 ? nil : message.partition)
      first = (KafkaError(message.err, place: place), Int(bitPattern: message._private))
    }
  }
}

/// Registered with `rd_kafka_conf_set_dr_msg_cb`; called on the thread that calls `rd_kafka_poll` or `rd_kafka_flush`.
let takeDeliveryReport: @convention(c) (OpaquePointer?, UnsafePointer<rd_kafka_message_t>?, UnsafeMutableRawPointer?) -> Void = {
  _, message, opaque in
  guard let message, let opaque else { return }
  // Runs once per message, so without reference counting. The client keeps its context until librdkafka's threads have ended, and the
  // context keeps its owner, which is a DeliveryTracker wherever this callback is registered.
  Unmanaged<ConnectionMonitor>.fromOpaque(opaque)._withUnsafeGuaranteedRef { context in
    guard let owner = context.owner else { return }
    Unmanaged.passUnretained(unsafeDowncast(owner, to: DeliveryTracker.self))._withUnsafeGuaranteedRef { reports in
      reports.take(message.pointee, context: context)
    }
  }
}
