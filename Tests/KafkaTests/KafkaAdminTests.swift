import KafkaMock
import Testing

@testable import Kafka

@Suite("KafkaAdmin on the mock cluster")
struct KafkaAdminTests {
  @Test func `returns a topic's partitions and the cluster id, and does not create a topic by a request for it`() throws {
    let cluster = try MockCluster.open()
    defer { cluster.close() }
    try cluster.createTopic("t", partitions: 3)
    let admin = try KafkaAdmin.open(KafkaConfiguration(bootstrapServers: cluster.bootstrapServers, retrySeconds: 5))
    defer { admin.close() }
    #expect(try admin.partitions(of: "t") == [0, 1, 2])
    #expect(try admin.partitions(of: "missing") == [])
    #expect(try admin.partitions(of: "missing") == [])
    #expect(admin.clusterID()?.isEmpty == false)
  }

  @Test func `without a broker a request fails after --retry-seconds, with the address and the reason`() throws {
    let admin = try KafkaAdmin.open(KafkaConfiguration(bootstrapServers: "127.0.0.1:1", retrySeconds: 1))
    defer { admin.close() }
    let error = #expect(throws: KafkaError.self) { try admin.partitions(of: "t") }
    #expect(error?.kind == .unavailable)
    #expect(
      error?.message
        == "127.0.0.1:1: no metadata received within 1 s (Connect to ipv4#127.0.0.1:1 failed: Connection refused)")
  }
}
