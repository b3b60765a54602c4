import CommonOptions
import Console
import DatabaseOptions
import Dataset
import Landing
import Support

struct StatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show how far the topic was read: ends, stored offsets, lag, rejected records and the last landed row.",
    discussion: """
      Works while consumers run, and changes nothing. If Kafka or Postgres does not answer, or the topic or the table is missing, the rest \
      is still printed, what is missing as ?, and the exit code is that of the error.

      EXIT STATUS
        0 all is known                 64 usage                             66 no description
        69 broker, topic, database or table unavailable                     77 login or permission denied
        78 the description is invalid
      """,
    examples: [
      .init("The topic and the table of the description", "netflix status"),
      .init("Another consumer group, machine-readable", "netflix status --group reports --json"),
    ])

  @OptionGroup var pipeline: PipelineOptions
  @OptionGroup var output: OutputOptions

  mutating func run() throws {
    try pipeline.maintain(output.log) { maintenance, options in
      let status = try maintenance.status()
      if output.json {
        try StandardOutput.print(options.summary(status.members).line)
      } else {
        try StandardOutput.print(lines: [options.title, ""] + status.table + status.notes)
      }
      try status.report(output.log)
    }
  }
}

/// The options that name a topic, a table and a consumer group, as netflix-consumer has them.
struct PipelineOptions: ParsableArguments {
  @OptionGroup(title: "Dataset") var dataset: DatasetOptions
  @OptionGroup(title: "Kafka") var kafka: KafkaOptions

  @Option(help: ArgumentHelp("The consumer group; each has its own offsets.", valueName: "NAME"), environment: "NETFLIX_GROUP")
  var group = "netflix-consumer"

  @OptionGroup(title: "Postgres") var database: DatabaseOptions

  @Option(help: ArgumentHelp("The table, with or without its schema.", default: "the description's"), environment: "NETFLIX_TABLE")
  var table: String?

  /// A person waits for the answer.
  init() { kafka.retrySeconds = 10 }

  /// Runs `body` with a session; a signal ends it.
  func maintain(
    _ log: Log, tombstones: SinkOptions.Tombstones = .reject, _ body: (SinkMaintenance, SinkOptions) throws -> Void
  ) throws {
    Signals.install()
    let resource = try dataset.load()
    var options = SinkOptions(topic: kafka.topic ?? resource.topic, table: table ?? resource.table)
    options.group = group
    options.database = database.dsn
    options.retrySeconds = kafka.retrySeconds
    options.tombstones = tombstones
    options.applicationName = "netflix"
    let maintenance = try SinkMaintenance(
      resource: resource, options: options, configuration: try kafka.configuration(), log: log.ofKafka,
      isStopped: { Signals.received != nil })
    defer { maintenance.close() }
    do {
      try body(maintenance, options)
    } catch let error as SinkError where error.kind == .stopped {
      try Signals.check()
    }
  }
}

extension SinkOptions {
  /// The heading of a text.
  var title: String { "topic \(topic), group \(group), table \(table)" }

  /// A line of JSON that begins with what the members are about.
  func summary(_ members: [JSON.Member]) -> JSON {
    .object([("topic", .string(topic)), ("group", .string(group)), ("table", .string(table))] + members)
  }
}

extension SinkMaintenance.Status {
  private func text(_ value: (some BinaryInteger)?, unknown: String = "?") -> String { value.map { "\($0)" } ?? unknown }

  /// Nil if it is not known of each partition.
  private var lag: Int64? { isUnknown(\.lag) ? nil : partitions.reduce(0) { $0 + ($1.lag ?? 0) } }
  private var rejected: Int? { isUnknown(\.rejected) ? nil : partitions.reduce(0) { $0 + ($1.rejected ?? 0) } }

  private func isUnknown<Value>(_ value: KeyPath<SinkMaintenance.Partition, Value?>) -> Bool {
    partitions.isEmpty || partitions.contains { $0[keyPath: value] == nil }
  }

  private func stored(_ partition: SinkMaintenance.Partition) -> String {
    text(partition.stored, unknown: partition.rejected == nil ? "?" : "none")
  }

  var table: [String] {
    let rows = partitions.map { partition in
      [
        "\(partition.id)", text(partition.start), text(partition.end), stored(partition), text(partition.lag), text(partition.rejected),
        partition.updatedAt ?? "",
      ]
    }
    return FittedTable(
      columns: ["partition", "start", "end", "stored", "lag", "rejected", "updated"],
      rows: rows + [["total", "", "", "", text(lag), text(rejected), ""]]
    ).lines(width: .max).lines
  }

  /// Without what only `netflix status` shows.
  var offsetsTable: [String] {
    FittedTable(
      columns: ["partition", "stored", "end", "lag"], rows: partitions.map { ["\($0.id)", stored($0), text($0.end), text($0.lag)] }
    ).lines(width: .max).lines
  }

  var notes: [String] {
    let last = lastLanded.map { "\($0.landedAt), partition \($0.partition), offset \($0.offset)" }
    return ["", "last landed row: \(last ?? (failures.isEmpty ? "none" : "?"))"]
  }

  var members: [JSON.Member] {
    func number(_ value: (some BinaryInteger)?) -> JSON { value.map { .integer($0) } ?? .null }
    let rows = partitions.map { partition -> JSON in
      .object([
        ("partition", .integer(partition.id)), ("start", number(partition.start)), ("end", number(partition.end)),
        ("stored", number(partition.stored)), ("lag", number(partition.lag)), ("rejected", number(partition.rejected)),
        ("updated_at", .text(partition.updatedAt)),
      ])
    }
    let last = lastLanded.map { row -> JSON in
      .object([("landed_at", .string(row.landedAt)), ("partition", .integer(row.partition)), ("offset", .integer(row.offset))])
    }
    return [
      ("partitions", .array(rows)), ("lag", number(lag)), ("rejected", number(rejected)), ("last_landed", last ?? .null),
      ("mismatch", .text(mismatch)), ("errors", .array(failures.map { .string(CommandError($0).message) })),
    ]
  }

  /// Logs what the figures do not show.
  ///
  /// - Throws: the first failure; the others are reported.
  func report(_ log: Log) throws {
    if let mismatch { log.warning("the topic was recreated, or its log was truncated: \(mismatch)") }
    for partition in partitions {
      guard let stored = partition.stored, let start = partition.start, stored < start else { continue }
      log.warning("partition \(partition.id): \(counted(Int(start - stored), "offset")) from \(stored) on were deleted before being read")
    }
    for failure in failures.dropFirst() { Log.report(CommandError(failure)) }
    if let first = failures.first { throw CommandError(first) }
  }
}
