import Dataset
import DevServices
import Kafka
import KafkaMock
import Publishing
import TestSupport
import Testing

@Suite("Publisher")
struct PublisherTests {
  private func values(_ topic: String, _ servers: String) throws -> [String] {
    try contents(of: topic, at: servers).compactMap(\.value).sorted()
  }

  private func isBadRow(_ failure: (any Error)?, line: Int) -> Bool {
    if case .rowRejected(let bad, "people.csv") = failure as? PublishingError { return bad.line == line }
    return false
  }

  @Test func `each row becomes a message with the row's key, in the order of the file`() throws {
    let broker = try EmbeddedBroker.start(topics: ["people": 1])
    defer { broker.close() }
    let report = try PublisherFixture(bootstrapServers: broker.bootstrapServers, topic: "people").publish(
      "Id,Name\n2,Ann\n1,\"B, \"\"c\"\"\"\n")
    #expect(report.failure == nil)
    var counts = PublishingReport.Counts()
    (counts.read, counts.sent, counts.delivered, counts.published) = (2, 2, 2, 2)
    counts.bytes = #"2{"id":2,"name":"Ann"}1{"id":1,"name":"B, \"c\""}"#.utf8.count
    #expect(report.counts == counts)
    #expect(
      try contents(of: "people", at: broker.bootstrapServers) == [
        TestMessage(partition: 0, offset: 0, key: "2", value: #"{"id":2,"name":"Ann"}"#),
        TestMessage(partition: 0, offset: 1, key: "1", value: #"{"id":1,"name":"B, \"c\""}"#),
      ])
  }

  @Test func `without a primary key, messages have no key`() throws {
    let broker = try EmbeddedBroker.start(topics: ["people": 1])
    defer { broker.close() }
    var fixture = PublisherFixture(bootstrapServers: broker.bootstrapServers, topic: "people")
    fixture.hasKey = false
    #expect(try fixture.publish("Id,Name\n2,Ann\n").failure == nil)
    #expect(try contents(of: "people", at: broker.bootstrapServers).map(\.key) == [nil])
  }

  @Test func `a key goes to the same partition as with the Java client`() throws {
    let broker = try EmbeddedBroker.start(topics: ["netflix": 3])
    defer { broker.close() }
    let producer = try KafkaProducer.open(KafkaConfiguration(bootstrapServers: broker.bootstrapServers), topic: "netflix")
    defer { producer.close() }
    for key in ["2019-03-31", "2019-09-30", "2019-12-31"] { try producer.send(key: key, value: "{}") }
    while try !producer.flush(timeout: .milliseconds(100)) {}
    #expect(
      try contents(of: "netflix", at: broker.bootstrapServers) == [
        TestMessage(partition: 0, offset: 0, key: "2019-03-31", value: "{}"),
        TestMessage(partition: 1, offset: 0, key: "2019-09-30", value: "{}"),
        TestMessage(partition: 2, offset: 0, key: "2019-12-31", value: "{}"),
      ])
  }

  @Test func `a bad row stops the run: the rows before it are published, none after it`() throws {
    try withBroker { servers in
      let topic = uniqueTopic()
      let report = try PublisherFixture(bootstrapServers: servers, topic: topic).publish("Id,Name\n1,a\n2,b\nx,c\n4,d\n")
      #expect(isBadRow(report.failure, line: 4))
      #expect(report.counts.read == 3)
      #expect(report.counts.rejected == 1)
      #expect(report.counts.published == 2)
      #expect(try values(topic, servers) == [#"{"id":1,"name":"a"}"#, #"{"id":2,"name":"b"}"#])
    }
  }

  @Test func `with skip a bad row is rejected with its original bytes, location and reason, and the others are published`() throws {
    try withBroker { servers in
      try withTemporaryFolder { folder in
        let topic = uniqueTopic()
        var fixture = PublisherFixture(bootstrapServers: servers, topic: topic)
        fixture.rejectPolicy = .skip
        var reported: [Int] = []
        fixture.observer.rowRejected = { bad, number in
          reported.append(bad.line)
          #expect(number == reported.count)
        }
        let report = try fixture.publish("Id,Name\n1,a\nx,\"c\nd\"\n2\n3,e\n", rejects: RejectsFile(folder.path + "/bad"))
        guard case .rowsRejected(2, of: 4, let first, "people.csv") = report.failure as? PublishingError else {
          Issue.record("ended with \(String(describing: report.failure))")
          return
        }
        #expect(first.line == 3)
        #expect(reported == [3, 5])
        #expect(report.counts.published == 2)
        #expect(try values(topic, servers) == [#"{"id":1,"name":"a"}"#, #"{"id":3,"name":"e"}"#])
        let rejects = try #require(folder.read("bad"))
        #expect(rejects.hasPrefix("x,\"c\nd\"\tline 3, column 1: Id: \"x\" is not a whole number\n2\tline 5, column "))
      }
    }
  }

  @Test func `if the header lacks a described column, nothing is published`() throws {
    try withBroker { servers in
      let topic = uniqueTopic()
      let report = try PublisherFixture(bootstrapServers: servers, topic: topic).publish("Id,Nome\n1,a\n")
      let error = report.failure as? DatasetError
      #expect(error?.kind == .data)
      #expect(error?.sourceLocation == "people.csv:1:1")
      #expect(report.counts == PublishingReport.Counts())
      #expect(try contents(of: topic, at: servers) == [])
    }
  }

  @Test func `publishing a file without rows succeeds`() throws {
    try withBroker { servers in
      let report = try PublisherFixture(bootstrapServers: servers, topic: uniqueTopic()).publish("Id,Name\n")
      #expect(report.failure == nil)
      #expect(report.counts == PublishingReport.Counts())
    }
  }

  @Test func `a queue much smaller than the file blocks reading and loses nothing`() throws {
    try withBroker { servers in
      let topic = uniqueTopic()
      var fixture = PublisherFixture(bootstrapServers: servers, topic: topic)
      fixture.properties = ["queue.buffering.max.messages=7"]
      let report = try fixture.publish("Id,Name\n" + (1...500).map { "\($0),n\n" }.joined())
      #expect(report.failure == nil)
      #expect(report.counts.published == 500)
      #expect(try Set(contents(of: topic, at: servers).map(\.key)) == Set((1...500).map(String.init)))
    }
  }

  @Test func `a message that the broker rejects is counted as not delivered, and the run fails`() throws {
    let cluster = try MockCluster.open()
    defer { cluster.close() }
    try cluster.createTopic("people", partitions: 1)
    cluster.injectErrors(0, with: [29])  // TOPIC_AUTHORIZATION_FAILED
    let report = try PublisherFixture(bootstrapServers: cluster.bootstrapServers, topic: "people").publish("Id,Name\n1,a\n")
    #expect((report.failure as? KafkaError)?.kind == .unauthorized)
    #expect(report.counts.read == 1)
    #expect(report.counts.published == 0)
  }

  @Test(arguments: [false, true])
  func `rows of empty cells are skipped and counted, but not as read`(skips: Bool) throws {
    try withBroker { servers in
      let topic = uniqueTopic()
      var fixture = PublisherFixture(bootstrapServers: servers, topic: topic)
      fixture.rejectPolicy = skips ? .skip : .stop
      let report = try fixture.publish("Id,Name\n,\n1,a\n,\n2,b\n,\n")
      #expect(report.failure == nil)
      #expect([report.counts.read, report.counts.blank, report.counts.rejected, report.counts.published] == [2, 3, 0, 2])
      #expect(try values(topic, servers) == [#"{"id":1,"name":"a"}"#, #"{"id":2,"name":"b"}"#])
    }
  }

  @Test(
    arguments: [false, true])
  func `a row whose message is too large is a bad row: it stops the run, or is rejected with its bytes and the reason`(skips: Bool) throws {
    try withBroker { servers in
      try withTemporaryFolder { folder in
        let topic = uniqueTopic()
        var fixture = PublisherFixture(bootstrapServers: servers, topic: topic)
        fixture.properties = ["message.max.bytes=1000"]
        fixture.rejectPolicy = skips ? .skip : .stop
        let long = String(repeating: "x", count: 2000)
        let report = try fixture.publish("Id,Name\n1,a\n2,\"\(long)\"\r\n3,c\n", rejects: RejectsFile(folder.path + "/bad"))
        let reason =
          "its message has 2019 bytes, more than message.max.bytes (1000) here allows. "
          + "Raise it, as in -X message.max.bytes=2019, and the topic's max.message.bytes if that is less, or shorten the row"
        let bad = RejectedRow(line: 3, column: 1, reason: RejectReason(.outOfRange, reason), original: Array("2,\"\(long)\"".utf8))
        if skips {
          #expect(report.failure as? PublishingError == .rowsRejected(1, of: 3, first: bad, source: "people.csv"))
          #expect([report.counts.read, report.counts.rejected, report.counts.published] == [3, 1, 2])
          #expect(folder.read("bad") == "2,\"\(long)\"\tline 3, column 1: \(reason)\n")
          #expect(try values(topic, servers) == [#"{"id":1,"name":"a"}"#, #"{"id":3,"name":"c"}"#])
        } else {
          #expect(report.failure as? PublishingError == .rowRejected(bad, source: "people.csv"))
          #expect(report.counts.published == 1)
          #expect(try values(topic, servers) == [#"{"id":1,"name":"a"}"#])
        }
      }
    }
  }

  @Test(.requiresRealBroker)
  func `a row larger than the default size of the queue is sent if message.max.bytes allows it`() throws {
    try withBroker { servers in
      let topic = uniqueTopic()
      try create(topic, servers, ["max.message.bytes": "20000000"])
      var fixture = PublisherFixture(bootstrapServers: servers, topic: topic)
      fixture.properties = ["message.max.bytes=12000000"]
      fixture.asksForLimits = true
      let report = try fixture.publish("Id,Name\n1,a\n2,\(String(repeating: "x", count: 10_000_000))\n3,c\n")
      #expect(report.failure == nil)
      #expect(report.counts.published == 3)
    }
  }

  private func create(_ topic: String, _ servers: String, _ settings: [String: String]) throws {
    let admin = try KafkaAdmin.open(KafkaConfiguration(bootstrapServers: servers, retrySeconds: 30))
    defer { admin.close() }
    try admin.makeTopic(topic, partitions: 1, configuration: settings)
  }

  @Test(
    .requiresRealBroker,
    arguments: [200, 1000, 70_000])
  func `a topic with a small limit gets small batches; every message within the limit is sent`(limit: Int) throws {
    try withBroker { servers in
      let topic = uniqueTopic()
      try create(topic, servers, ["max.message.bytes": "\(limit)"])
      var fixture = PublisherFixture(bootstrapServers: servers, topic: topic)
      fixture.asksForLimits = true
      fixture.rejectPolicy = .skip
      // Long enough that a batch of librdkafka's default size exceeds the topic's limit; some single rows are just within it.
      let edge = (limit - 110...limit - 90).map { "\($0),\(String(repeating: "x", count: $0))\n" }
      let rows = (1_000_000...1_003_000).map { "\($0),\(String(repeating: "y", count: 60))\n" }
      let report = try fixture.publish("Id,Name\n" + (rows + edge).joined())
      guard case .rowsRejected(let rejected, of: 3022, let first, _) = report.failure as? PublishingError else {
        Issue.record("ended with \(String(describing: report.failure))")
        return
      }
      #expect(
        first.reason.text.contains("more than max.message.bytes (\(limit)) of the topic allows. Raise the topic's, or shorten the row"))
      #expect((1..<21).contains(rejected))
      #expect(report.counts.published == 3022 - rejected)
      // One more byte exceeds the limit: the broker rejects the same message that was rejected here.
      let producer = try PublisherFixture(bootstrapServers: servers, topic: topic).openProducer()
      defer { producer.close() }
      let fields = first.original.split(separator: UInt8(ascii: ",")).map { String(decoding: $0, as: UTF8.self) }
      try producer.send(key: fields[0], value: #"{"id":\#(fields[0]),"name":"\#(fields[1])"}"#)
      let error = #expect(throws: KafkaError.self) { while try !producer.flush(timeout: .milliseconds(200)) {} }
      #expect(error?.kind == .data && error?.name == "MSG_SIZE_TOO_LARGE", "\(String(describing: error))")
    }
  }

  @Test(.requiresRealBroker)
  func `if the topic's limit was not queried, a refused batch is reported with its row, and the hint works`() throws {
    try withBroker { servers in
      let topic = uniqueTopic()
      try create(topic, servers, ["max.message.bytes": "2000"])
      var fixture = PublisherFixture(bootstrapServers: servers, topic: topic)
      let csv = "Id,Name\n" + (1...200).map { "\($0),n\n" }.joined()
      let error = try fixture.publish(csv).failure as? KafkaError
      #expect(error?.kind == .data)
      #expect(error?.message == "people.csv:2: a batch is larger than max.message.bytes (2000) of the topic allows")
      let hint = try #require(error?.hint?.firstMatch(of: #/-X (\S+=\d+)/#)?.output.1)
      fixture.properties = [String(hint)]
      let report = try fixture.publish(csv)
      #expect(report.failure == nil)
      #expect(report.counts.published == 200)
    }
  }

  @Test(
    .requiresRealBroker,
    arguments: [false, true])
  func `a compacted topic rejects rows without a key, which is reported with the first row; it accepts rows with a key`(asks: Bool) throws {
    try withBroker { servers in
      let topic = uniqueTopic()
      try create(topic, servers, ["cleanup.policy": "compact"])
      var fixture = PublisherFixture(bootstrapServers: servers, topic: topic)
      fixture.asksForLimits = asks
      fixture.hasKey = false
      for rejectPolicy in [Publisher.Options.RejectPolicy.stop, .skip] {
        fixture.rejectPolicy = rejectPolicy
        let report = try fixture.publish("Id,Name\n,\n1,a\n2,b\n")
        let error = report.failure as? KafkaError
        #expect(error?.kind == .data)
        #expect(error?.message == "people.csv:3: a compacted topic (cleanup.policy=compact) requires a message key")
        #expect(error?.hint?.contains("\"primaryKey\"") == true)
        #expect(report.counts.published == 0)
      }
      fixture.hasKey = true
      #expect(try fixture.publish("Id,Name\n1,a\n").counts.published == 1)
    }
  }

  @Test func `without a broker the run ends after the retry time`() throws {
    var fixture = PublisherFixture(bootstrapServers: "127.0.0.1:1", topic: "people")
    fixture.retrySeconds = 1
    let report = try fixture.publish("Id,Name\n1,a\n2,b\n")
    #expect((report.failure as? KafkaError)?.kind == .unavailable)
    #expect(report.counts.read == 2)
    #expect(report.counts.published == 0)
  }

  @Test func `a cancellation ends the run cleanly: all sent messages are delivered`() throws {
    try withBroker { servers in
      let topic = uniqueTopic()
      var fixture = PublisherFixture(bootstrapServers: servers, topic: topic)
      var isStopped = false
      fixture.observer.isStopped = { isStopped }
      // A pipe whose writer never ends; the signal comes after some rows.
      var number = 0
      let report = try fixture.publish(read: { chunk in
        number += 1
        if number > 3 {
          isStopped = true
          throw PublishingError.cancelled
        }
        let text = Array(((number == 1 ? "Id,Name\n" : "") + "\(number),n\n").utf8)
        for (index, byte) in text.enumerated() { chunk[index] = byte }
        return text.count
      })
      #expect(report.failure as? PublishingError == .cancelled)
      #expect(report.counts.published == report.counts.read)
      #expect(try values(topic, servers).count == report.counts.published)
    }
  }
}
