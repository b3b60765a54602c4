import Dataset
import Kafka
import Publishing

/// A small dataset that is published with one call.
struct PublisherFixture {
  var bootstrapServers: String
  var topic: String
  var properties: [String] = []
  /// True to query the topic's settings first, as the program does.
  var asksForLimits = false
  var isAtomic = false
  var rejectPolicy = Publisher.Options.RejectPolicy.stop
  var retrySeconds = 30
  var hasKey = true
  var observer = Publisher.Observer()

  /// Publishes a CSV with the columns id (whole number, the key) and name.
  func publish(_ csv: String, rejects: RejectsFile? = nil) throws -> PublishingReport {
    var rest = Array(csv.utf8)[...]
    return try publish(
      read: { chunk in
        let count = min(chunk.count, rest.count)
        for (index, byte) in rest.prefix(count).enumerated() { chunk[index] = byte }
        rest = rest.dropFirst(count)
        return count
      }, rejects: rejects)
  }

  func publish(read: @escaping (inout [UInt8]) throws -> Int, rejects: RejectsFile? = nil) throws -> PublishingReport {
    let producer = try openProducer()
    defer { producer.close() }
    var publisher = Publisher(
      reader: RowReader(resource: resource, source: "people.csv", read: read), producer: producer,
      options: .init(isAtomic: isAtomic, rejectPolicy: rejectPolicy), rejects: rejects, observer: observer)
    return publisher.run()
  }

  func openProducer() throws -> KafkaProducer {
    var configuration = KafkaConfiguration(bootstrapServers: bootstrapServers, retrySeconds: retrySeconds)
    for property in properties { try configuration.set(argument: property) }
    let transactionalID = isAtomic ? "netflix-producer-\(topic)" : nil
    return asksForLimits
      ? try KafkaProducer.open(respectingLimitsOf: topic, configuration, transactionalID: transactionalID)
      : try KafkaProducer.open(configuration, topic: topic, transactionalID: transactionalID)
  }

  private var resource: Resource {
    Resource(
      name: "people", path: "people.csv",
      fields: [Field(header: "Id", column: "id", type: .integer(NumberFormat())), Field(header: "Name", column: "name", type: .string)],
      primaryKey: hasKey ? [0] : [])
  }
}
