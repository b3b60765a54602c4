import CommonOptions
import Console
import Dataset
import Kafka
import Publishing

extension ProducerCommand {
  func publish(_ input: CSVInput, _ resource: Resource) throws {
    let start = ContinuousClock.now
    let log = output.log
    let topic = kafka.topic ?? resource.topic
    let configuration = try kafka.configuration()
    let rejectsFile = try openRejects()
    let transactionalID = atomic ? transactionalId ?? "netflix-producer-\(topic)" : nil
    var reader = RowReader(resource: resource, source: input.name, read: input.read)
    // If the header is invalid, do not wait for a broker: the publisher reads it again and reports the fault.
    let isReadable = (try? reader.readHeader()) != nil
    let producer =
      isReadable
      ? try KafkaProducer.open(keepingTo: topic, configuration, transactionalID: transactionalID, log: log.ofKafka)
      : try KafkaProducer.open(configuration, topic: topic, transactionalID: transactionalID, log: log.ofKafka)
    defer { producer.close() }
    // Also detect a broker that becomes unavailable while the pipe has no data.
    input.whileWaiting = { try producer.poll(milliseconds: 0) }

    let bar = ProducerProgress(size: input.size, log: log)
    let badRows = RejectedRowLog(source: input.name, log: log)
    var publisher = Publisher(
      reader: reader, producer: producer,
      options: .init(isAtomic: atomic, onBadRow: onBadRow.value), rejects: rejectsFile,
      observer: .init(
        isStopped: { Signals.received != nil }, progress: { bar.update($0, bytesRead: $1) }, badRow: { badRows.tell($0, number: $1) }))
    let report = publisher.run()
    bar.finish()

    let counts = report.counts
    let seconds = ContinuousClock.now - start
    if output.json {
      var summary = JSONSummary()
      summary.add("topic", topic)
      summary.add("read", counts.read)
      summary.add("delivered", counts.published)
      summary.add("rejected", counts.rejected)
      summary.add("blank", counts.blank)
      summary.add("bytes", counts.bytes)
      summary.add("seconds", seconds)
      do {
        try summary.write()
      } catch {
        // The rows are published all the same: running it again would publish them twice.
        throw report.failure(report.failure ?? error, rejects: rejects)
      }
    }
    if counts.blank > 0 { log.info(RowReader.blankNote(counts.blank, source: input.name)) }
    if let error = report.failure { throw report.failure(error, rejects: rejects) }
    log.info("\(ProgressBar.counted(counts.published, "row")) of \(input.name) published to topic \(topic)")
  }
}
