import CommonOptions
import Console
import DatabaseOptions
import Dataset
import Kafka
import Landing
import Support

struct RejectsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List, show, replay or delete the records that could not become rows.",
    discussion: """
      netflix-consumer stores a message that cannot become a row in netflix_rejected, with its reason, key and payload. These commands are \
      about the rejected records of one table, topic and consumer group.
      """,
    examples: [
      .init("What was rejected, and why", "netflix rejects list"),
      .init("Land it after the description or the table was corrected", "netflix rejects replay"),
    ],
    subcommands: [RejectsListCommand.self, RejectsShowCommand.self, RejectsReplayCommand.self, RejectsPurgeCommand.self])
}

/// Selects rejected records.
struct RejectFilterOptions: ParsableArguments {
  @Option(help: "Only records whose reason contains this text.")
  var reason: String?

  @Option(help: "Only records that were rejected at this time (2026-01-31T08:00:00Z) or date, in UTC, or later.")
  var since: Instant?

  @Option(help: ArgumentHelp("Only records of this partition.", valueName: "N"), in: 0...Int(Int32.max))
  var partition: Int?

  @Option(help: ArgumentHelp("Only the record with this offset.", valueName: "N"), in: 0...Int.max)
  var offset: Int?

  var filter: RejectFilter {
    var filter = RejectFilter()
    filter.reason = reason
    filter.since = since?.microseconds
    filter.partition = partition.map { Int32(clamping: $0) }
    filter.offset = offset.map { Int64($0) }
    return filter
  }
}

/// A time on the command line, in microseconds since the Unix epoch.
struct Instant: ExpressibleByArgument {
  let microseconds: Int64

  init?(argument: String) {
    guard let microseconds = ISOTime.instant(argument) else { return nil }
    self.microseconds = microseconds
  }

  static var valueKind: String { "a date or a time such as 2026-01-31T08:00:00Z" }
}

struct RejectsListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "List rejected records with their coordinates and reasons.",
    discussion: """
      EXIT STATUS
        0 done                         64 usage                             66 no description
        69 database not reachable      77 login or permission denied        78 description or table not valid
      """,
    examples: [
      .init("Every record", "netflix rejects list"),
      .init("How often each reason occurs", "netflix rejects list --by-reason"),
      .init("Since yesterday, about one column", "netflix rejects list --since 2026-01-30 --reason amount"),
    ])

  @Flag(help: "Count the records of each reason.")
  var byReason = false

  @Option(help: "Maximum number of lines.", in: 1...1_000_000)
  var limit = 100

  @OptionGroup(title: "Filters") var filters: RejectFilterOptions
  @OptionGroup var pipeline: PipelineOptions
  @OptionGroup var output: OutputOptions

  mutating func run() throws {
    try pipeline.maintain(output.log) { maintenance, options in
      if byReason {
        let (reasons, total) = try maintenance.rejectReasons(filters.filter, limit: limit)
        try print(
          options, total, name: "reasons", json: reasons.map { .object([("reason", .string($0.reason)), ("count", .integer($0.count))]) },
          table: FittedTable(columns: ["records", "reason"], rows: reasons.map { ["\($0.count)", $0.reason] }))
        if reasons.count == limit { output.log.info("There may be more reasons: --limit \(2 * limit) lists them.") }
      } else {
        let (records, total) = try maintenance.rejectedRecords(filters.filter, limit: limit)
        try print(
          options, total, name: "records", json: records.map { .object($0.members) },
          table: FittedTable(
            columns: ["partition", "offset", "rejected at", "reason"],
            rows: records.map { ["\($0.partition)", "\($0.offset)", $0.rejectedAt, $0.reason] }))
        if records.count < total { output.log.info("\(grouped(total - records.count)) more: --limit \(total) lists them.") }
      }
    }
  }

  private func print(_ options: SinkOptions, _ total: Int, name: String, json: [JSON], table: FittedTable) throws {
    if output.json {
      try StandardOutput.print(options.summary([("rejected", .integer(total)), (name, .array(json))]).line)
    } else {
      let lines = total > 0 ? [""] + table.lines(width: .max).lines : []
      try StandardOutput.print(lines: ["\(options.title): \(counted(total, "rejected record"))"] + lines)
    }
  }
}

extension RejectedRecord {
  /// Coordinates, time and reason.
  fileprivate var members: [JSON.Member] {
    [
      ("partition", .integer(partition)), ("offset", .integer(offset)), ("rejected_at", .string(rejectedAt)), ("reason", .string(reason)),
    ]
  }
}

struct RejectsShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Show a rejected record with its key and payload.",
    discussion: """
      Key and payload are printed as text, with control characters escaped; bytes that are not UTF-8 as hexadecimal digits. A message that \
      was read and rejected several times is there several times.

      EXIT STATUS
        0 done                         64 usage                             66 no description, no such record
        69 database not reachable      77 login or permission denied        78 description or table not valid
      """,
    examples: [.init("By its coordinates, which 'netflix rejects list' prints", "netflix rejects show --partition 0 --offset 17")])

  @Option(help: ArgumentHelp("The message's partition.", valueName: "N"))
  var partition: Int

  @Option(help: ArgumentHelp("The message's offset.", valueName: "N"))
  var offset: Int

  @OptionGroup var pipeline: PipelineOptions
  @OptionGroup var output: OutputOptions

  mutating func run() throws {
    try pipeline.maintain(output.log) { maintenance, options in
      let records = try maintenance.rejectedRecord(partition: Int32(clamping: partition), offset: Int64(offset))
      guard !records.isEmpty else {
        throw CommandError(
          .noInput, "\(options.title) has no rejected record at partition \(partition), offset \(offset)",
          hint: "'netflix rejects list' lists them.")
      }
      guard !output.json else {
        let values = records.map { record in
          JSON.object(record.members + Self.member("key", record.key) + Self.member("payload", record.payload))
        }
        return try StandardOutput.print(options.summary([("records", .array(values))]).line)
      }
      for record in records {
        try StandardOutput.print(
          lines: [
            "partition    \(record.partition)", "offset       \(record.offset)", "rejected at  \(record.rejectedAt)",
          ] + record.reason.split(separator: "\n").enumerated().map { ($0 == 0 ? "reason       " : "             ") + $1 } + [
            "key          \(Self.text(record.key))", "payload      \(Self.text(record.payload))",
          ])
      }
    }
  }

  private static func hex(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  private static func text(_ bytes: [UInt8]?) -> String {
    guard let bytes else { return "none" }
    return String(validating: bytes, as: UTF8.self) ?? "hexadecimal \(hex(bytes))"
  }

  private static func member(_ name: String, _ bytes: [UInt8]?) -> [JSON.Member] {
    guard let bytes else { return [(name, .null)] }
    return [String(validating: bytes, as: UTF8.self).map { (name, .string($0)) } ?? (name + "_hex", .string(hex(bytes)))]
  }
}

struct RejectsReplayCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay",
    abstract: "Land rejected records again, or publish them again.",
    discussion: """
      Decodes the stored payloads under the present description and lands the rows as netflix-consumer does, beside running consumers. A \
      transaction that lands records also deletes them from netflix_rejected, so none lands twice. What is still invalid stays there, with \
      its present reason and time, and the exit code is 65. With a key, a row of a later message of the same partition stays as it is; of \
      messages in different partitions the last one to land wins. A row whose key was deleted later by a tombstone would come back: delete \
      such a record instead.

      With --to-topic the original keys and payloads are published again, each to its partition, in Kafka transactions (the transactional \
      id is netflix-rejects-GROUP-TOPIC), and deleted from netflix_rejected once they are published. A published message is the newest of \
      its key, so its row replaces a later version. A crash between publication and deletion leaves records that the next run publishes \
      again: without a key their rows land twice.

      EXIT STATUS
        0 all landed or published      64 usage                             65 records are still rejected
        66 no description              69 broker, database or table unavailable
        77 login or permission denied  78 description or table not valid    130, 143 stopped before the end
      """,
    examples: [
      .init("After the description or the table was corrected", "netflix rejects replay"),
      .init("Only what one reason explains", "netflix rejects replay --reason 'violates check constraint'"),
      .init("Through the topic, for all its readers", "netflix rejects replay --to-topic --partition 0 --offset 17"),
    ])

  @Flag(help: "Publish the original messages to the topic instead of landing them.")
  var toTopic = false

  @Option(
    help: ArgumentHelp("How to handle a record without a payload: reject it, or delete the row of its key.", valueName: "MODE"),
    environment: "NETFLIX_TOMBSTONES")
  var tombstones = SinkOptions.Tombstones.reject

  @OptionGroup(title: "Filters") var filters: RejectFilterOptions
  @OptionGroup var pipeline: PipelineOptions
  @OptionGroup var output: OutputOptions

  mutating func validate() throws {
    if toTopic, $tombstones.source == .commandLine {
      throw CommandError(
        .usage, "--to-topic and --tombstones cannot be combined: what is published is not landed here", hint: "Leave one out.")
    }
  }

  mutating func run() throws {
    try pipeline.maintain(output.log, tombstones: toTopic ? .reject : tombstones) { maintenance, options in
      if toTopic {
        let count = try publish(maintenance, options)
        output.log.info("\(counted(count, "message")) published to topic \(options.topic)")
        if output.json { try StandardOutput.print(options.summary([("published", .integer(count))]).line) }
        return
      }
      let counts = try maintenance.replayRejected(filters.filter)
      if output.json {
        try StandardOutput.print(
          options.summary([
            ("replayed", .integer(counts.received)), ("landed", .integer(counts.landed)), ("deleted", .integer(counts.deleted)),
            ("rejected", .integer(counts.rejected)),
          ]).line)
      }
      output.log.info(
        "\(counted(counts.received, "rejected record")): \(grouped(counts.landed)) landed in \(options.table)"
          + (counts.deleted > 0 ? ", \(grouped(counts.deleted)) deleted their row" : ""))
      guard counts.rejected == 0 else {
        throw CommandError(
          .badData, "\(counted(counts.rejected, "record")) \(counts.rejected == 1 ? "is" : "are") still rejected",
          hint: "'netflix rejects list' has the reasons.")
      }
    }
  }

  private func publish(_ maintenance: SinkMaintenance, _ options: SinkOptions) throws -> Int {
    var open: KafkaProducer?
    defer { open?.close() }
    return try maintenance.republishRejected(filters.filter) { records in
      let producer = try open ?? openProducer(options)
      if open == nil {
        open = producer
        try producer.initTransactions { Signals.received != nil }
      }
      // All or none: what is published before an error or a signal would be published again by the next run.
      try producer.beginTransaction()
      do {
        for record in records { try producer.send(key: record.key, value: record.payload, partition: record.partition) }
        while try !producer.flush(timeout: .milliseconds(500)) { try Signals.check() }
        try producer.commitTransaction()
      } catch {
        try? producer.abortTransaction()
        throw error
      }
    }
  }

  private func openProducer(_ options: SinkOptions) throws -> KafkaProducer {
    try KafkaProducer.open(
      respectingLimitsOf: options.topic, try pipeline.kafka.configuration(),
      transactionalID: "netflix-rejects-\(options.group)-\(options.topic)", log: output.log.ofKafka)
  }
}

struct RejectsPurgeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "purge",
    abstract: "Delete rejected records, which are not needed or were repaired in another way.",
    discussion: """
      Deletes at once, and cannot be undone; the messages stay in the topic as long as its retention allows. 'netflix rejects list' with the \
      same filters shows what would be deleted.

      EXIT STATUS
        0 done                         64 usage                             66 no description, no such record
        69 database not reachable      77 login or permission denied        78 description or table not valid
      """,
    examples: [
      .init("One record", "netflix rejects purge --partition 0 --offset 17"),
      .init("All of one reason", "netflix rejects purge --reason 'not JSON'"),
    ])

  @Flag(help: "Delete all rejected records of the table, topic and group.")
  var all = false

  @OptionGroup(title: "Filters") var filters: RejectFilterOptions
  @OptionGroup var pipeline: PipelineOptions
  @OptionGroup var output: OutputOptions

  mutating func validate() throws {
    let selectsAll = filters.filter == RejectFilter()
    if selectsAll, !all {
      throw CommandError(.usage, "which records? --reason, --since, --partition or --offset selects some", hint: "--all deletes all.")
    }
    if !selectsAll, all { throw CommandError(.usage, "--all and a filter cannot be combined", hint: "Leave one of them out.") }
  }

  mutating func run() throws {
    try pipeline.maintain(output.log) { maintenance, options in
      let count = try maintenance.purgeRejected(filters.filter)
      if count == 0, filters.offset != nil {
        throw CommandError(.noInput, "\(options.title) has no such rejected record", hint: "'netflix rejects list' lists them.")
      }
      output.log.info("\(counted(count, "rejected record")) deleted")
      if output.json { try StandardOutput.print(options.summary([("deleted", .integer(count))]).line) }
    }
  }
}
