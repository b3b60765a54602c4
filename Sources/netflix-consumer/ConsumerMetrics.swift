import Console
import Landing
import Metrics
import Synchronization

/// A follower's metrics, for Prometheus.
final class ConsumerMetrics {
  private let registry = MetricsRegistry()
  private let server: MetricsServer
  private let topic: String
  private let messages: CounterFamily
  private let bytes: Counter
  private let batches: Counter
  private let retries: Counter
  private let stageSeconds: CounterFamily
  private let lag: GaugeFamily
  private let health = Health()
  private var last = SinkProgress()

  init(topic: String, host: String, port: Int) throws {
    self.topic = topic
    messages = registry.counter("netflix_consumer_messages_total", help: "Messages by outcome.", labels: ["outcome"])
    bytes = registry.counter("netflix_consumer_bytes_total", help: "Bytes of keys and payloads received.")
    batches = registry.counter("netflix_consumer_batches_total", help: "Transactions that landed messages.")
    retries = registry.counter("netflix_consumer_retries_total", help: "Retried transactions and connections.")
    stageSeconds = registry.counter(
      "netflix_consumer_stage_seconds_total", help: "Seconds spent polling Kafka and writing to Postgres.", labels: ["stage"])
    lag = registry.gauge(
      "netflix_consumer_lag_messages", help: "Offsets between the read position and the end of a partition.",
      labels: ["topic", "partition"])
    registry.addProcessMetrics()
    registry.addBuildInfo(version: productVersion)
    let health = health
    server = try MetricsServer(registry: registry, host: host, port: port, health: { health.failure })
    update(SinkProgress())
  }

  var url: String { server.url }

  func update(_ progress: SinkProgress) {
    let (now, before) = (progress.summary, last.summary)
    messages["landed"].add(now.landed - before.landed)
    messages["rejected"].add(now.rejected - before.rejected)
    messages["deleted"].add(now.deleted - before.deleted)
    messages["lost"].add(now.expired - before.expired)
    bytes.add(now.bytes - before.bytes)
    batches.add(now.batches - before.batches)
    retries.add(progress.retries - last.retries)
    stageSeconds["poll"].add(progress.secondsInKafka - last.secondsInKafka)
    stageSeconds["write"].add(progress.secondsInPostgres - last.secondsInPostgres)
    for partition in last.lag.keys where progress.lag[partition] == nil { lag.remove(topic, "\(partition)") }
    for (partition, offsets) in progress.lag { lag[topic, "\(partition)"].set(Int(offsets)) }
    health.set(progress.databaseFailure)
    last = progress
  }

  func close() { server.close() }
}

/// The current failure, if any. Read by the server's threads, also while the consumer waits for Postgres.
private final class Health: Sendable {
  private let probe = Mutex<@Sendable () -> String?>({ nil })
  var failure: String? { probe.withLock { $0 }() }
  func set(_ failure: @escaping @Sendable () -> String?) { probe.withLock { $0 = failure } }
}
