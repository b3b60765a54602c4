import Kafka
import Publishing
import TestSupport
import Testing

/// `--atomic`: tests that the mock cluster does not support.
@Suite("Publisher in a transaction", .requiresRealBroker)
struct PublisherAtomicTests {
  private let servers = TestEnvironment.bootstrapServers ?? ""

  private func fixture(_ topic: String) -> PublisherFixture {
    PublisherFixture(bootstrapServers: servers, topic: topic, isAtomic: true)
  }

  private func keys(_ topic: String, _ isolation: KafkaConsumer.IsolationLevel = .readCommitted) throws -> [String?] {
    try contents(of: topic, at: servers, isolation: isolation).map(\.key).sorted { $0 ?? "" < $1 ?? "" }
  }

  @Test func `all rows become visible, but not before the last one is sent`() throws {
    let topic = uniqueTopic()
    var chunks = ["Id,Name\n" + (1...3000).map { "\($0),n\n" }.joined(), "3001,n\n"]
    var visibleBefore: [String?] = ["not asked"]
    let report = try fixture(topic).publish(read: { chunk in
      guard !chunks.isEmpty else {
        // All are in the log, but a reader that skips open transactions stays at its start.
        let deadline = ContinuousClock.now + .seconds(60)
        while try keys(topic, .readUncommitted).count < 3001, ContinuousClock.now < deadline {}
        visibleBefore = try beginnings(of: topic, at: servers)
        return 0
      }
      let text = Array(chunks.removeFirst().utf8)
      for (index, byte) in text.enumerated() { chunk[index] = byte }
      return text.count
    })
    #expect(report.failure == nil)
    #expect(visibleBefore == [])
    #expect(report.counts.published == 3001)
    #expect(try Set(keys(topic)) == Set((1...3001).map { "\($0)" }))
  }

  @Test func `a bad row with stop aborts the transaction, including the rows in the log, and leaves nothing open`() throws {
    let topic = uniqueTopic()
    var chunks = ["Id,Name\n1,n\n2,n\n", "x,n\n"]
    let report = try fixture(topic).publish(read: { chunk in
      guard !chunks.isEmpty else { return 0 }
      if chunks.count == 1 {
        let deadline = ContinuousClock.now + .seconds(60)
        while try keys(topic, .readUncommitted).count < 2, ContinuousClock.now < deadline {}
      }
      let text = Array(chunks.removeFirst().utf8)
      for (index, byte) in text.enumerated() { chunk[index] = byte }
      return text.count
    })
    guard case .rowRejected = report.failure as? PublishingError else {
      Issue.record("ended with \(String(describing: report.failure))")
      return
    }
    #expect(report.counts.published == 0)
    #expect(try keys(topic) == [])
  }

  @Test func `with skip the valid rows are committed`() throws {
    let topic = uniqueTopic()
    var fixture = fixture(topic)
    fixture.rejectPolicy = .skip
    let report = try fixture.publish("Id,Name\n1,a\nx,b\n3,c\n")
    guard case .rowsRejected(1, of: 3, _, _) = report.failure as? PublishingError else {
      Issue.record("ended with \(String(describing: report.failure))")
      return
    }
    #expect(report.counts.published == 2)
    #expect(try keys(topic) == ["1", "3"])
  }

  @Test func `the rejected rows are flushed to disk before the commit; if that fails, nothing is committed`() throws {
    let topic = uniqueTopic()
    var fixture = fixture(topic)
    fixture.rejectPolicy = .skip
    let report = try fixture.publish("Id,Name\n1,a\nx,b\n", rejects: RejectsFile("/dev/full"))
    guard case .rejects("/dev/full", _, _) = report.failure as? PublishingError else {
      Issue.record("ended with \(String(describing: report.failure))")
      return
    }
    #expect(report.counts.published == 0)
    #expect(try keys(topic) == [])
  }

  @Test func `a cancellation aborts the transaction`() throws {
    let topic = uniqueTopic()
    var isFirst = true
    let report = try fixture(topic).publish(read: { chunk in
      guard isFirst else { throw PublishingError.cancelled }
      isFirst = false
      let text = Array("Id,Name\n1,a\n2,b\n".utf8)
      for (index, byte) in text.enumerated() { chunk[index] = byte }
      return text.count
    })
    #expect(report.failure as? PublishingError == .cancelled)
    #expect(report.counts.published == 0)
    #expect(try keys(topic) == [])
  }

  @Test func `the next run aborts a transaction that a crashed run left open`() throws {
    let topic = uniqueTopic()
    let dead = try fixture(topic).openProducer()
    defer { dead.close() }
    try dead.initTransactions()
    try dead.beginTransaction()
    try dead.send(key: "0", value: "of the dead")
    while try !dead.flush(timeout: .milliseconds(100)) {}
    // It stops here, as if it had been killed.
    let report = try fixture(topic).publish("Id,Name\n1,a\n2,b\n")
    #expect(report.failure == nil)
    // An open transaction would prevent this reader from reaching the topic's end.
    #expect(try keys(topic) == ["1", "2"])
  }

  @Test func `a fenced run publishes nothing and reports the error`() throws {
    let topic = uniqueTopic()
    var chunks = ["Id,Name\n1,a\n", "2,b\n"]
    let report = try fixture(topic).publish(read: { chunk in
      guard !chunks.isEmpty else {
        let other = try fixture(topic).openProducer()
        defer { other.close() }
        try other.initTransactions()
        return 0
      }
      let text = Array(chunks.removeFirst().utf8)
      for (index, byte) in text.enumerated() { chunk[index] = byte }
      return text.count
    })
    let error = report.failure as? KafkaError
    #expect(error?.kind == .fenced)
    #expect(report.counts.published == 0)
    #expect(try keys(topic) == [])
  }
}

/// The messages that a read_committed reader gets before the ends of the partitions: none while the first transaction is open.
private func beginnings(of topic: String, at servers: String) throws -> [String?] {
  let configuration = KafkaConfiguration(bootstrapServers: servers, retrySeconds: 30)
  let consumer = try KafkaConsumer.open(configuration, topic: topic, group: uniqueName("reader"))
  defer { consumer.close() }
  let partitions = try consumer.partitions(timeout: .seconds(10))
  try consumer.assign(partitions.map { ($0, nil) })
  var keys: [String?] = []
  var ends = Set<Int32>()
  let deadline = ContinuousClock.now + .seconds(30)
  while ends.count < partitions.count, ContinuousClock.now < deadline {
    _ = try consumer.poll(timeout: .milliseconds(100)) { message in
      switch message.content {
      case .message: keys.append(message.key.map { String(decoding: $0, as: UTF8.self) })
      case .partitionEOF: ends.insert(message.partition)
      case .error(let error): throw error
      }
      return true
    }
  }
  return keys
}
