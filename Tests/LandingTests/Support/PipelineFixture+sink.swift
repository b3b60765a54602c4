import Dataset
import Kafka
import TestSupport

@testable import Landing

/// The sink between the topic and the database.
extension PipelineFixture {
  static func on(_ resource: Resource = Sample.keyed, _ body: (PipelineFixture) throws -> Void) throws {
    try with(table: "sample", resource: resource, body)
  }

  var options: SinkOptions {
    var options = Sample.options(topic: topic)
    options.database = url
    // Tests run in parallel, and members of one group would share the partitions.
    options.group = topic
    options.exitAtEnd = true
    options.retrySeconds = 30
    return options
  }

  /// Rows of ids, amount 1.50.
  func publish(ids: Range<Int>, name: String = "a", partition: Int32? = 0) throws {
    try publish(ids.map { ("\($0)", Sample.message($0, name: name)) }, partition: partition)
  }

  /// A producer with an open transaction that holds these messages.
  func beginTransaction(_ id: String, ids: Range<Int>, partition: Int32 = 0) throws -> KafkaProducer {
    let producer = try KafkaProducer.open(configuration, topic: topic, transactionalID: id)
    try producer.initTransactions()
    try producer.beginTransaction()
    for id in ids { try producer.send(key: Array("\(id)".utf8), value: Array(Sample.message(id).utf8), partition: partition) }
    while try !producer.flush(timeout: .seconds(1)) {}
    return producer
  }

  @discardableResult
  func land(_ change: (inout SinkOptions) -> Void = { _ in }) throws -> SinkSummary {
    var options = options
    change(&options)
    let landing = try SinkTask(resource: resource, options: options, configuration: configuration, log: output.log)
    try landing.run()
    return landing.summary
  }

  /// The expected counts; by default all received messages land in one batch.
  func summary(received: Int, landed: Int? = nil, rejected: Int = 0, deleted: Int = 0, batches: Int = 1) -> SinkSummary {
    var summary = SinkSummary()
    summary.received = received
    summary.landed = landed ?? received - rejected - deleted
    summary.rejected = rejected
    summary.deleted = deleted
    summary.batches = batches
    return summary
  }
}

extension SinkSummary {
  /// Without `bytes`, which a test rarely knows.
  var counts: SinkSummary {
    var copy = self
    copy.bytes = 0
    return copy
  }
}
