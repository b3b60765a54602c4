import DevServices
import Dispatch
import Glibc
import Kafka
import Synchronization
import TestSupport

/// The program netflix-consumer between the topic and the database.
extension PipelineFixture {
  /// A description of the columns id, name and amount, without a key or with `id` as the key.
  static func description(isKeyed: Bool) -> String {
    """
    {"name":"rows","resources":[{"name":"rows","path":"rows.csv","schema":{"fields":[
    {"name":"id","type":"integer"},{"name":"name","type":"string"},{"name":"amount","type":"number"}]\
    \(isKeyed ? ",\"primaryKey\":\"id\"" : "")}}]}
    """
  }

  static func on(isKeyed: Bool = false, _ body: (PipelineFixture) throws -> Void) throws {
    try with { stage in
      try stage.describe(isKeyed: isKeyed)
      try body(stage)
    }
  }

  static func at<T>(_ servers: String, _ url: String, isKeyed: Bool = false, _ body: (PipelineFixture) throws -> T) throws -> T {
    try withTemporaryFolder { folder in
      let stage = PipelineFixture(servers: servers, url: url, folder: folder)
      try stage.describe(isKeyed: isKeyed)
      return try body(stage)
    }
  }

  private func describe(isKeyed: Bool) throws { try folder.write("datapackage.json", Self.description(isKeyed: isKeyed)) }

  var arguments: [String] {
    [
      "--dataset", folder.path + "/datapackage.json", "--bootstrap-servers", servers, "--topic", topic, "--group", topic, "--database", url,
      "--table", table, "--json",
    ]
  }

  func start(_ more: String..., database: String? = nil) throws -> RunningProgram { try start(more, database: database) }

  func start(_ more: [String], database: String? = nil) throws -> RunningProgram {
    try RunningProgram("netflix-consumer", arguments + (database.map { ["--database", $0] } ?? []) + more)
  }

  func consume(_ more: String..., seconds: Double = 120) throws -> ProgramResult {
    try RunningProgram("netflix-consumer", arguments + more).wait(seconds: seconds)
  }

  /// Publishes rows with these ids, to the partitions in turn.
  func publish(_ ids: Range<Int>, partitions: Int = 1) throws {
    try withProducer { producer in
      for id in ids { try producer.send(key: nil, value: Array(Self.message(id).utf8), partition: Int32(id % partitions)) }
    }
  }

  static func message(_ id: Int) -> String { "{\"id\":\(id),\"name\":\"row \(id)\",\"amount\":\(id % 100).25}" }

  /// Number of rows in the table; 0 if it does not exist.
  func rows() throws -> Int {
    guard try value("SELECT to_regclass('\(table)')") != nil else { return 0 }
    return try count()
  }

  /// `whole` if each id of 0..<ids has landed exactly once, by content and by Kafka coordinates.
  ///
  /// - Parameter repeated: ids that may be in the topic more than once.
  func isWhole(_ ids: Int, repeated: [Range<Int>] = []) throws -> String? {
    let isRepeated = repeated.map { "id >= \($0.lowerBound) AND id < \($0.upperBound)" }.joined(separator: " OR ")
    let once = "FILTER (WHERE NOT (\(isRepeated.isEmpty ? "false" : isRepeated)))"
    return try value(
      """
      SELECT CASE WHEN count(*) \(once) = count(DISTINCT id) \(once) AND count(DISTINCT id) = \(ids) AND min(id) = 0 AND max(id) = \(ids - 1)
        AND count(DISTINCT (kafka_partition, kafka_offset)) = count(*) AND bool_and(name = 'row ' || id AND amount = id % 100 + 0.25)
      THEN 'whole' ELSE count(*) || ' rows, ' || count(DISTINCT id) || ' ids, ' || count(DISTINCT (kafka_partition, kafka_offset)) || ' places' END
      FROM \(table)
      """)
  }
}

/// A producer that runs beside a test: ids from 0 on, to the partitions in turn, each delivered once.
///
/// If its client fails (a broker that was killed forgets the sequence of an idempotent producer), another one sends again what was not
/// acknowledged, and the topic may have it twice.
final class LiveProducer: Sendable {
  /// Clients that may fail.
  private static let maxFailures = 20

  private let isStopped = Atomic<Bool>(false)
  private let repeatedIDs = Mutex<[Range<Int>]>([])
  private let sent = Atomic<Int>(0)
  private let result = Mutex<Result<Int, any Error>?>(nil)
  private let ended = DispatchSemaphore(value: 0)

  /// A debug build on a busy machine must keep up with it.
  ///
  /// - Parameters:
  ///   - burst: messages that are produced together.
  ///   - pause: milliseconds between two bursts.
  init(_ stage: PipelineFixture, partitions: Int, burst: Int = 10, pause: UInt32 = 10) {
    let (servers, topic) = (stage.servers, stage.topic)
    DispatchQueue(label: "live.producer").async { [self] in
      let outcome = Result {
        var ids = 0..<0
        while true {
          do {
            // Brokers are killed and restarted during the test.
            let producer = try KafkaProducer.open(KafkaConfiguration(bootstrapServers: servers, retrySeconds: 300), topic: topic)
            defer { producer.close() }
            return try produce(&ids, producer, partitions: partitions, burst: burst, pause: pause)
          } catch let error as KafkaError {
            let failures = repeatedIDs.withLock { repeated in
              repeated.append(ids)
              return repeated.count
            }
            print("live producer: \(error); another client sends \(ids) again")
            if failures == Self.maxFailures { throw error }
          }
        }
      }
      result.withLock { $0 = outcome }
      ended.signal()
    }
  }

  /// - Parameter ids: those that were sent and may not have been acknowledged; they are sent again.
  /// - Returns: the number of ids.
  private func produce(_ ids: inout Range<Int>, _ producer: KafkaProducer, partitions: Int, burst: Int, pause: UInt32) throws -> Int {
    let first = ids.lowerBound
    var id = first
    while !isStopped.load(ordering: .relaxed) || id < ids.upperBound {
      for _ in 0..<burst {
        try producer.send(key: nil, value: Array(PipelineFixture.message(id).utf8), partition: Int32(id % partitions))
        id += 1
        ids = ids.lowerBound..<max(id, ids.upperBound)
      }
      sent.store(id, ordering: .relaxed)
      try producer.poll(timeout: .zero)
      if producer.delivered == id - first { ids = id..<max(id, ids.upperBound) }
      usleep(pause * 1000)
    }
    while try !producer.flush(timeout: .seconds(1)) {}
    guard producer.delivered == id - first else { throw TestSupportError("\(producer.delivered) of \(id - first) messages were delivered") }
    return id
  }

  /// The ids that may be in the topic more than once.
  var repeated: [Range<Int>] { repeatedIDs.withLock { $0 } }

  /// Number of messages produced so far.
  var count: Int { sent.load(ordering: .relaxed) }

  /// - Returns: the number of messages, all of them acknowledged.
  func stop() throws -> Int {
    isStopped.store(true, ordering: .relaxed)
    guard ended.wait(timeout: .now() + .seconds(180)) == .success, let result = result.withLock({ $0 }) else {
      throw TestSupportError("the producer has not ended")
    }
    return try result.get()
  }

  deinit { isStopped.store(true, ordering: .relaxed) }
}

/// The summary without the values that differ from run to run.
func withoutSeconds(_ line: String) -> String {
  guard let start = line.firstRange(of: ",\"seconds\":") else { return line }
  return line[..<start.lowerBound] + "}"
}

extension String {
  /// The number of a member of a summary; otherwise nil.
  func number(_ name: String) -> Int? {
    guard let start = firstRange(of: "\"\(name)\":") else { return nil }
    return Int(self[start.upperBound...].prefix { $0.isNumber })
  }
}
