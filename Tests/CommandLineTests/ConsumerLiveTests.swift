import DevServices
import Glibc
import Kafka
import TestSupport
import Testing

/// Runs beside concurrent programs: a producer that publishes, a follower that advances the offsets.
@Suite(.serialized, .requiresRealBroker) struct ConsumerLiveTests {
  @Test func `runs to the end beside a running producer lose nothing`() throws {
    try PipelineFixture.on { stage in
      try stage.makeTopic(partitions: 3)
      let producer = LiveProducer(stage, partitions: 3)
      for _ in 0..<15 {
        let result = try stage.consume("--exit-at-end", "--batch-rows", "300", "-q")
        #expect(result.status == 0, "\(result)")
      }
      let count = try producer.stop()
      #expect(try stage.consume("--exit-at-end", "-q").status == 0)
      #expect(try stage.isWhole(count) == "whole")
    }
  }

  @Test func `messages that arrive after the end of a short partition, while a long one is read, land with the next run`() throws {
    for _ in 0..<3 {
      try PipelineFixture.on { stage in
        try stage.makeTopic(partitions: 2)
        try stage.publish(0..<50_000)
        try stage.publish((50_000..<50_010).map(PipelineFixture.message), partition: 1)
        let run = try stage.start("--exit-at-end", "--batch-rows", "1000", "-q")
        try run.wait(until: "it lands") { try stage.rows() > 0 }
        try stage.publish((50_010..<50_020).map(PipelineFixture.message), partition: 1)
        #expect(try run.wait().status == 0)
        #expect(try stage.consume("--exit-at-end", "-q").status == 0)
        #expect(try stage.isWhole(50_020) == "whole")
      }
    }
  }

  /// Each response of Postgres is delayed, so that the follower advances between two requests of the start.
  @Test func `a start beside a running follower does not report the topic as recreated`() throws {
    let server = try TemporaryPostgres(.port)
    defer { server.stop() }
    let proxy = try PostgresProxy(port: server.port)
    defer { proxy.close() }
    proxy.delayRequests(milliseconds: 25)
    try PipelineFixture.at(try #require(TestEnvironment.bootstrapServers), server.url) { stage in
      try stage.makeTopic(partitions: 3)
      let producer = LiveProducer(stage, partitions: 3)
      let follower = try stage.start("--batch-seconds", "0.01", "-q")
      try follower.wait(until: "it lands") { try stage.rows() > 0 }
      let url = "postgresql://netflix:netflix@127.0.0.1:\(proxy.port)/netflixdb"
      for _ in 0..<8 {
        let result = try stage.start("--exit-at-end", database: url).wait()
        #expect(result.status == 0 && !result.errors.contains("recreated"), "\(result)")
      }
      let count = try producer.stop()
      follower.signal(SIGTERM)
      #expect(try follower.wait().status == 0)
      #expect(try stage.consume("--exit-at-end", "-q").status == 0)
      #expect(try stage.isWhole(count) == "whole")
    }
  }

  @Test func `a follower whose topic was deleted ends soon after SIGTERM`() throws {
    try PipelineFixture.on { stage in
      try stage.makeTopic(partitions: 3)
      try stage.publish(0..<10, partitions: 3)
      let follower = try stage.start(
        "-v", "-X", "debug=topic,metadata", "-X", "topic.metadata.refresh.interval.ms=500", "-X", "topic.metadata.propagation.max.ms=1000")
      try follower.wait(until: "it lands") { try stage.rows() == 10 }
      let admin = try KafkaAdmin.open(KafkaConfiguration(bootstrapServers: stage.servers))
      defer { admin.close() }
      try admin.deleteTopic(stage.topic)
      try follower.wait(until: "librdkafka knows that the topic was deleted") { follower.errors.contains("-> notexists") }
      let start = ContinuousClock.now
      follower.signal(SIGTERM)
      let result = try follower.wait()
      #expect(ContinuousClock.now - start < .seconds(10), "\(result)")
    }
  }
}

/// Crashes during runs beside a running producer, on a cluster of three brokers.
@Suite(.serialized, .requiresCluster) struct ConsumerTortureTests {
  /// A leader crashes with messages that no other replica has, and the remaining replica becomes the leader: the log is truncated, and other
  /// messages take the offsets of those that were read.
  @Test(arguments: [true, false])
  func `a running follower detects an unclean leader election`(isKeyed: Bool) throws {
    try FaultBroker.withCluster { cluster in
      try withDatabase { url in
        try PipelineFixture.at(cluster.bootstrapServers, url, isKeyed: isKeyed) { stage in
          try stage.makeTopic(
            partitions: 1, replicas: 2, configuration: ["unclean.leader.election.enable": "true", "min.insync.replicas": "1"])
          try stage.publish(0..<500)
          let follower = try stage.start("--retry-seconds", "120")
          try follower.wait(until: "the first rows land") { try stage.rows() == 500 }
          let (leader, replica) = try replicas(of: stage, cluster)
          try cluster.kill(node: replica)
          try stage.publish(500..<1500)
          try follower.wait(until: "the messages that only the leader has land") { try stage.rows() == 1500 }
          try cluster.kill(node: leader)
          try cluster.resume(node: replica)
          // The same ids and further messages: more than were truncated.
          try stage.publish(2000..<3500)
          if isKeyed {
            try follower.wait(until: "all new rows land") { try stage.value("SELECT count(*) FROM rows WHERE id >= 2000") == "1500" }
            follower.signal(SIGTERM)
            let result = try follower.wait()
            #expect(result.status == 0 && result.errors.contains("unclean leader election"), "\(result)")
          } else {
            let result = try follower.wait()
            #expect(result.status == 78 && result.errors.contains("--exit-at-end --from-beginning --replace"), "\(result)")
          }
          try cluster.resume(node: leader)
        }
      }
    }
  }

  /// The broker that leads the fixture's only partition, and the broker with the other replica.
  private func replicas(of stage: PipelineFixture, _ cluster: FaultBroker) throws -> (leader: Int, replica: Int) {
    let admin = try KafkaAdmin.open(KafkaConfiguration(bootstrapServers: stage.servers, retrySeconds: 30))
    defer { admin.close() }
    let nodes = try admin.replicas(of: stage.topic, partition: 0)
    return (Int(nodes.leader), Int(try #require(nodes.all.first { $0 != nodes.leader })))
  }

  /// `make torture ROUNDS=200 SEED=7` runs more rounds.
  @Test func `followers and runs to the end, killed and stopped beside a running producer, land each message once`() throws {
    let rounds = TestEnvironment.value("TORTURE_ROUNDS").flatMap { Int($0) } ?? 40
    let seed = TestEnvironment.value("TORTURE_SEED").flatMap { UInt64($0) } ?? UInt64.random(in: 0...UInt64(Int64.max))
    print("torture: seed \(seed), \(rounds) rounds")
    let server = try TemporaryPostgres(.port)
    defer { server.stop() }
    try FaultBroker.withCluster { cluster in
      try PipelineFixture.at(cluster.bootstrapServers, server.url) { stage in
        try stage.makeTopic(partitions: 3, replicas: 3)
        var torture = Torture(stage: stage, cluster: cluster, server: server, random: Seeded(state: seed))
        do {
          try torture.run(rounds: rounds)
        } catch {
          throw TestSupportError("seed \(seed): \(error)\n\(torture.events.suffix(30).joined(separator: "\n"))")
        }
        print("torture: \(torture.summary)")
      }
    }
  }
}

/// Rounds of faults, which the seed selects.
private struct Torture {
  let stage: PipelineFixture
  let cluster: FaultBroker
  let server: TemporaryPostgres
  var random: Seeded
  private(set) var events: [String] = []
  private var counts: [String: Int] = [:]
  private var running: [(program: RunningProgram, isFollower: Bool)] = []
  private var deadNode: Int?

  init(stage: PipelineFixture, cluster: FaultBroker, server: TemporaryPostgres, random: Seeded) {
    (self.stage, self.cluster, self.server, self.random) = (stage, cluster, server, random)
  }

  var summary: String { counts.sorted { $0.key < $1.key }.map { "\($0.value) × \($0.key)" }.joined(separator: ", ") }

  mutating func run(rounds: Int) throws {
    defer { if let deadNode { try? cluster.resume(node: deadNode) } }
    let producer = LiveProducer(stage, partitions: 3, burst: 5, pause: 10)
    try start(isFollower: true)
    for _ in 0..<rounds {
      try fault()
      // Something must land between two faults: faults that stop all progress would test nothing.
      let landed = try stage.rows()
      try wait(until: "rows land") {
        try keepTwoRunning()
        return try stage.rows() > landed
      }
    }
    if let deadNode { try cluster.resume(node: deadNode) }
    deadNode = nil
    let count = try producer.stop()
    for (program, isFollower) in running where isFollower { program.signal(SIGTERM) }
    for (program, _) in running { try check(try program.wait()) }
    running = []
    let last = try stage.consume("--exit-at-end", "--retry-seconds", "120")
    guard last.status == 0 else { throw TestSupportError("the last run ended with \(last)") }
    let found = try stage.isWhole(count, repeated: producer.repeated)
    guard found == "whole" else { throw TestSupportError("of \(count) messages: \(found ?? "nothing")") }
    if !producer.repeated.isEmpty { counts["failed client of the producer"] = producer.repeated.count }
    counts["message landed once"] = count
  }

  private mutating func fault() throws {
    let target = running.isEmpty ? nil : running[Int.random(in: running.indices, using: &random)].program
    switch Int.random(in: 0..<16, using: &random) {
    case 0..<4:
      note("SIGKILL of a consumer")
      target?.signal(SIGKILL)
    case 4..<6:
      note("SIGSTOP and SIGCONT of a consumer")
      target?.signal(SIGSTOP)
      usleep(UInt32.random(in: 100_000...2_000_000, using: &random))
      target?.signal(SIGCONT)
    case 6..<8:
      note("SIGTERM of a consumer")
      target?.signal(SIGTERM)
    case 8..<10:
      note("crash of Postgres")
      server.crash()
      try server.restart()
    case 10..<12:
      if let node = deadNode {
        note("resume of a broker")
        try cluster.resume(node: node)
        deadNode = nil
      } else {
        let node = Int.random(in: 1...3, using: &random)
        note("SIGKILL of a broker")
        try cluster.kill(node: node)
        deadNode = node
      }
    default: if running.count < 4 { try start(isFollower: Bool.random(using: &random)) }
    }
  }

  private mutating func start(isFollower: Bool) throws {
    note(isFollower ? "follower" : "run to the end")
    // The partitions of a dead member are reassigned after its session timeout.
    let arguments =
      ["--batch-rows", "200", "--retry-seconds", "120", "-X", "session.timeout.ms=6000", "-X", "heartbeat.interval.ms=1000"]
      + (isFollower ? [] : ["--exit-at-end"])
    running.append((try stage.start(arguments), isFollower))
  }

  private mutating func note(_ event: String) {
    events.append(event)
    counts[event, default: 0] += 1
  }

  /// One of them must be a follower: a run to the end may find nothing to do.
  private mutating func keepTwoRunning() throws {
    for (program, _) in running where !program.isRunning { try check(try program.wait()) }
    running.removeAll { !$0.program.isRunning }
    while running.count < 2 { try start(isFollower: !running.contains(where: \.isFollower) || Bool.random(using: &random)) }
  }

  /// Done, stopped before the end, or killed: any other exit status is an error.
  private func check(_ result: ProgramResult) throws {
    guard [0, 128 + SIGTERM, 128 + SIGKILL].contains(result.status) else { throw TestSupportError("a consumer ended with \(result)") }
  }
}
