import Glibc
import TestSupport
import Testing

@testable import Kafka

/// Needs a real broker: the mock cluster also delivers messages that are not committed.
@Suite("KafkaProducer transactions", .requiresRealBroker)
struct KafkaTransactionTests {
  private let bootstrapServers = TestEnvironment.bootstrapServers ?? ""

  private func open(_ topic: String, _ properties: [String] = [], retrySeconds: Int = 30) throws -> KafkaProducer {
    var configuration = KafkaConfiguration(bootstrapServers: bootstrapServers, retrySeconds: retrySeconds)
    for property in properties { try configuration.set(argument: property) }
    return try KafkaProducer.open(configuration, topic: topic, transactionalID: "netflix-producer-\(topic)")
  }

  private func flush(_ producer: KafkaProducer) throws {
    while try !producer.flush(timeout: .milliseconds(100)) {}
  }

  private func values(_ topic: String, _ isolation: KafkaConsumer.IsolationLevel = .readCommitted) throws -> [String?] {
    try contents(of: topic, at: bootstrapServers, isolation: isolation).map(\.value).sorted { $0 ?? "" < $1 ?? "" }
  }

  @Test func `a committed transaction is completely visible, an aborted one never`() throws {
    let topic = uniqueTopic()
    let producer = try open(topic)
    defer { producer.close() }
    try producer.initTransactions()
    try producer.beginTransaction()
    for number in 0..<5 { try producer.send(key: "\(number)", value: "committed \(number)") }
    try flush(producer)
    try producer.commitTransaction()
    try producer.beginTransaction()
    for number in 0..<5 { try producer.send(key: "\(number)", value: "aborted \(number)") }
    try flush(producer)
    try producer.abortTransaction()
    #expect(try values(topic) == (0..<5).map { "committed \($0)" })
    #expect(try values(topic, .readUncommitted).count == 10)
  }

  @Test func `the next run with the same transactional id aborts the transaction of a crashed one`() throws {
    let topic = uniqueTopic()
    let dead = try open(topic)
    defer { dead.close() }
    try dead.initTransactions()
    try dead.beginTransaction()
    for number in 0..<5 { try dead.send(key: "\(number)", value: "of the dead \(number)") }
    try flush(dead)
    // From here on the first producer does nothing, as if it had crashed.
    let next = try open(topic)
    defer { next.close() }
    try next.initTransactions()
    try next.beginTransaction()
    try next.send(key: "0", value: "of the living")
    try flush(next)
    try next.commitTransaction()
    // With an open transaction this reader would not reach the ends.
    #expect(try values(topic) == ["of the living"])
  }

  @Test func `a run that another one has fenced throws fenced`() throws {
    let topic = uniqueTopic()
    let first = try open(topic)
    defer { first.close() }
    try first.initTransactions()
    try first.beginTransaction()
    try first.send(key: "0", value: "first")
    try flush(first)
    let second = try open(topic)
    defer { second.close() }
    try second.initTransactions()
    let error = #expect(throws: KafkaError.self) { try first.commitTransaction() }
    #expect(error?.kind == .fenced)
    #expect(error?.kind.exitStatus == 69)
    #expect(error?.hint == "Another run with the same transactional id has taken over.")
  }

  @Test func `producing in a fenced run throws fenced, even before the error callback has run`() throws {
    let topic = uniqueTopic()
    let first = try open(topic)
    defer { first.close() }
    try first.initTransactions()
    try first.beginTransaction()
    let second = try open(topic)
    defer { second.close() }
    try second.initTransactions()
    let deadline = ContinuousClock.now + .seconds(60)
    let value = Array("late".utf8)
    let error = #expect(throws: KafkaError.self) {
      while ContinuousClock.now < deadline {
        _ = try first.tryProduce(key: nil, value: value.span.bytes)
        usleep(1000)
      }
    }
    #expect(error?.kind == .fenced)
    #expect(error?.hint == "Another run with the same transactional id has taken over.")
  }

  @Test func `a transaction that exceeds its time-out is an error that names the property to raise`() throws {
    let topic = uniqueTopic()
    let producer = try open(topic, ["transaction.timeout.ms=1000"])
    defer { producer.close() }
    try producer.initTransactions()
    try producer.beginTransaction()
    // The broker checks for expired transactions every ten seconds.
    let error = #expect(throws: KafkaError.self) {
      let end = ContinuousClock.now + .seconds(40)
      while ContinuousClock.now < end {
        try producer.send(key: "0", value: "later")
        _ = try producer.flush(timeout: .milliseconds(100))
        try producer.poll(timeout: .milliseconds(100))
      }
      try producer.commitTransaction()
    }
    #expect(error?.kind.exitStatus == 69)
    #expect(error?.hint?.contains("-X transaction.timeout.ms=") == true)
    #expect(try values(topic) == [])
  }

  @Test func `a coordinator that is unavailable for longer than --retry-seconds is an error`() throws {
    let configuration = KafkaConfiguration(bootstrapServers: "127.0.0.1:1", retrySeconds: 1)
    let producer = try KafkaProducer.open(configuration, topic: "t", transactionalID: "id")
    defer { producer.close() }
    let error = #expect(throws: KafkaError.self) { try producer.initTransactions() }
    #expect(error?.kind == .unavailable)
    #expect(error?.message.hasPrefix("127.0.0.1:1: the transaction coordinator did not answer within 1 s") == true)
  }

  @Test(.timeLimit(.minutes(5)))
  func `a topic is created with its settings, described and deleted`() throws {
    let topic = uniqueTopic()
    let admin = try KafkaAdmin.open(KafkaConfiguration(bootstrapServers: bootstrapServers, retrySeconds: 30))
    defer { admin.close() }
    try admin.makeTopic(topic, partitions: 2, configuration: ["cleanup.policy": "compact"])
    #expect(try admin.partitions(of: topic) == [0, 1])
    #expect(try admin.configuration(of: topic)["cleanup.policy"] == "compact")
    let again = #expect(throws: KafkaError.self) { try admin.createTopic(topic, partitions: 2) }
    #expect(again?.name == "TOPIC_ALREADY_EXISTS")
    try admin.deleteTopic(topic)
    while try !admin.partitions(of: topic).isEmpty {}
  }
}
