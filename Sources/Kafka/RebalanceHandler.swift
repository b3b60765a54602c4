import CRdKafka
import Synchronization

/// Which partitions the group gave this member, as the rebalance callback notes it for the thread that polls.
///
/// The callback stays short: it answers librdkafka at once with an assignment of nothing new, and the thread that polls assigns with
/// offsets of its own once it has read them. It runs inside of poll, so on that same thread.
final class RebalanceHandler: Sendable {
  struct State {
    /// The partitions the group gave us.
    var assignment = Set<Int32>()
    /// Those among them that librdkafka reads.
    var fetching = Set<Int32>()
    /// How often the group changed what we own.
    var changes = 0
  }

  let topic: String
  let state = Mutex(State())

  init(topic: String) { self.topic = topic }

  /// Cooperative: the assignment changes by what is added and taken, and what stays is read on.
  static func isCooperative(_ client: OpaquePointer?) -> Bool {
    rd_kafka_rebalance_protocol(client).map { String(cString: $0) == "COOPERATIVE" } ?? false
  }

  fileprivate func assigned(_ partitions: Set<Int32>, _ client: OpaquePointer?) {
    let none = KafkaPartitionList(topic: topic, [])
    if Self.isCooperative(client) {
      state.withLock { $0.assignment.formUnion(partitions) }
      _ = KafkaError(consuming: rd_kafka_incremental_assign(client, none.pointer))
    } else {
      state.withLock { ($0.assignment, $0.fetching) = (partitions, []) }
      rd_kafka_assign(client, none.pointer)
    }
    state.withLock { $0.changes += 1 }
  }

  fileprivate func revoked(_ partitions: Set<Int32>, _ client: OpaquePointer?) {
    if Self.isCooperative(client) {
      let read = state.withLock { state in
        state.assignment.subtract(partitions)
        defer { state.fetching.subtract(partitions) }
        return state.fetching.intersection(partitions)
      }
      let list = KafkaPartitionList(topic: topic, read.map { ($0, nil) })
      _ = KafkaError(consuming: rd_kafka_incremental_unassign(client, list.pointer))
    } else {
      state.withLock { ($0.assignment, $0.fetching) = ([], []) }
      rd_kafka_assign(client, nil)
    }
    state.withLock { $0.changes += 1 }
  }

  /// librdkafka's rebalance callback.
  static let rebalanced:
    @convention(c) (
      OpaquePointer?, rd_kafka_resp_err_t, UnsafeMutablePointer<rd_kafka_topic_partition_list_t>?, UnsafeMutableRawPointer?
    ) -> Void = { client, code, list, opaque in
      guard let group = ConnectionMonitor.of(opaque)?.owner as? RebalanceHandler else {
        rd_kafka_assign(client, nil)
        return
      }
      let partitions = KafkaPartitionList.partitions(list)
      if code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS {
        group.assigned(partitions, client)
      } else {
        group.revoked(partitions, client)
      }
    }
}
