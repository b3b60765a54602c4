import Console
import Dispatch
import Glibc
import Kafka
import Postgres
import Processes
import Synchronization
import SystemIO

/// From produce to visible in another session: one row every 100 ms into three partitions, alone and beside many, landed by
/// netflix-consumer and by a plain loop (latency-loop.py).
struct LatencyBench {
  private static let samples = 300
  private static let interval = Duration.milliseconds(100)
  private static let python = ".build/latency-loop/bin/python"

  let files: BenchFiles
  let server: BenchServer
  let tools: Tools

  func add(to table: inout ResultTable) throws {
    guard access(Self.python, X_OK) == 0 else {
      throw CommandError(.unavailable, "\(Self.python) does not exist", hint: "'make bench' installs what the comparison needs.")
    }
    let description = files.folder + "/latency.json"
    try files.write(
      description,
      """
      {"name":"latency","resources":[{"name":"latency","path":"latency.csv","schema":{"primaryKey":"id","fields":[
      {"name":"id","type":"integer"},{"name":"name","type":"string"},{"name":"amount","type":"number"}]}}]}
      """)
    for (rate, limits) in [(0, (p50: 10.0, p99: 40.0)), (20_000, (p50: .infinity, p99: 150.0))] {
      let what = rate == 0 ? "a row every 100 ms" : "beside \(rate) rows/s"
      let ours = try measure("ours_\(rate)", rate: rate) { topic, name in
        [
          tools.consumer, "--dataset", description, "--bootstrap-servers", server.bootstrapServers, "--topic", topic, "--table", name,
          "--group", name, "--database", server.database, "-q",
        ]
      }
      let loop = try measure("loop_\(rate)", rate: rate) { topic, name in
        try server.execute("CREATE TABLE \(name) (id bigint PRIMARY KEY, name text, amount numeric)")
        return [Self.python, "Benchmarks/latency-loop.py", server.bootstrapServers, topic, name, server.database]
      }
      for (percentile, limit) in [(0.5, limits.p50), (0.99, limits.p99)] {
        table.add(
          "consumer, \(what), p\(Int(percentile * 100))", milliseconds: value(ours, at: percentile),
          beside: value(loop, at: percentile), limit: limit, isBesideLimit: rate == 0 && percentile == 0.5)
      }
    }
  }

  private func value(_ times: [Double], at share: Double) -> Double { times.sorted()[Int(share * Double(times.count - 1))] }

  /// The times of the samples in milliseconds, while the program that `arguments` starts lands the topic.
  private func measure(_ purpose: String, rate: Int, _ arguments: (_ topic: String, _ table: String) throws -> [String]) throws -> [Double]
  {
    let topic = try server.topic("latency_\(purpose)")
    let table = server.table("latency_\(purpose)")
    let words = try arguments(topic, table)
    let stop = WakeupPipe()
    let outcome = Mutex<String?>(nil)
    let ended = DispatchGroup()
    DispatchQueue(label: "lander").async(group: ended) {
      let text = Result { try ProcessResult.run(words[0], Array(words.dropFirst()), stop: stop.descriptor) }
        .map { "status \($0.status): \($0.errors)" }
      outcome.withLock { $0 = (try? text.get()) ?? "it cannot be started" }
    }
    defer {
      stop.set()
      ended.wait()
    }
    let servers = server.bootstrapServers
    let producer = try Self.open(servers, topic, linger: 0)
    defer { producer.close() }
    let connection = try PostgresConnection.open(server.database, applicationName: "bench")
    defer { connection.close() }
    /// How long it takes until a query has a row, in milliseconds; infinite after a minute.
    func wait(_ sql: String, _ parameters: [PostgresParameter] = [], since start: ContinuousClock.Instant = .now) throws -> Double {
      while try connection.queryPrepared(sql, parameters: parameters).isEmpty {
        try producer.poll(timeout: .zero)
        try Signals.check()
        if let text = outcome.withLock({ $0 }) { throw CommandError(.unavailable, "\(words[0]) ended", hint: text) }
        guard ContinuousClock.now - start < .seconds(60) else { return .infinity }
        usleep(300)
      }
      return (ContinuousClock.now - start) / .milliseconds(1)
    }
    func land(_ id: Int) throws -> Double {
      let start = ContinuousClock.now
      try producer.send(key: nil, value: Self.message(-id), partition: Int32(id % 3))
      return try wait("SELECT 1 FROM \(table) WHERE id = $1", [PostgresParameter(-id)], since: start)
    }
    _ = try wait("SELECT 1 WHERE to_regclass('\(table)') IS NOT NULL")
    for id in 1...30 where try land(id).isInfinite { throw CommandError(.unavailable, "\(words[0]) lands nothing") }
    if rate > 0 { DispatchQueue(label: "load").async(group: ended) { Self.load(servers, topic, rate: rate, until: stop) } }
    var times: [Double] = []
    // What has fallen behind by a minute does not catch up.
    while times.count < Self.samples, times.last?.isInfinite != true {
      let start = ContinuousClock.now
      times.append(try land(100 + times.count))
      stop.wait(Self.interval - (.now - start))
    }
    if times.last?.isInfinite == true { times = [.infinity] }
    Log().info("latency, \(purpose): p50 \(value(times, at: 0.5)) ms, p99 \(value(times, at: 0.99)) ms")
    return times
  }

  private static func open(_ servers: String, _ topic: String, linger: Int) throws -> KafkaProducer {
    var configuration = KafkaConfiguration(bootstrapServers: servers)
    try configuration.set("linger.ms", String(linger))
    return try KafkaProducer.open(configuration, topic: topic)
  }

  private static func message(_ id: Int) -> [UInt8] {
    Array("{\"id\":\(id),\"name\":\"row \(id)\",\"amount\":\(id.magnitude % 100).25}".utf8)
  }

  /// Produces rows at a rate, a little every five milliseconds.
  private static func load(_ servers: String, _ topic: String, rate: Int, until stop: WakeupPipe) {
    guard let producer = try? open(servers, topic, linger: 5) else { return }
    defer { producer.close() }
    let start = ContinuousClock.now
    var id = 0
    while !stop.wait(.milliseconds(5)) {
      let due = Int((ContinuousClock.now - start) / .seconds(1) * Double(rate))
      while id < due {
        id += 1
        guard (try? producer.send(key: nil, value: message(id), partition: Int32(id % 3))) != nil else { return }
      }
      try? producer.poll(timeout: .zero)
    }
  }
}
