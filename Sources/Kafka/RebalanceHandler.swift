import CRdKafka
import Synchronization

/// Records in the rebalance callback which partitions the group has assigned to this member, for the thread that polls.
///
/// The callback is short: it confirms the rebalance to librdkafka without starting to fetch, and the polling thread calls assign with the
/// stored offsets once it has read them. The callback runs inside poll, on the same thread.
final class RebalanceHandler: Sendable {
  struct State {
    /// The partitions that the group has assigned to this member.
    var assignment = Set<Int32>()
    /// The partitions that librdkafka fetches.
    var fetching = Set<Int32>()
    /// Number of assignment changes.
    var rebalanceCount = 0
  }

  let topic: String
  let state = Mutex(State())

  init(topic: String) { self.topic = topic }

  /// Whether the protocol is cooperative: only added and revoked partitions change, and the others continue to be fetched.
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
    state.withLock { $0.rebalanceCount += 1 }
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
    state.withLock { $0.rebalanceCount += 1 }
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
