import CommonOptions
import Console
import Dataset
import Landing
import Support

struct OffsetsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show or change the stored offsets: skip messages, or read them again.",
    discussion: """
      The offsets are in Postgres, beside the rows (netflix_offsets); kafka-consumer-groups does not change them.
      """,
    examples: [
      .init("Stored offset, end and lag of each partition", "netflix offsets show"),
      .init("Skip to the end: show what would change", "netflix offsets set --to end"),
    ],
    subcommands: [OffsetsShowCommand.self, OffsetsSetCommand.self])
}

struct OffsetsShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Show the stored offset, the end and the lag of each partition.",
    discussion: """
      The exit codes are those of 'netflix status', which also shows rejected records and the last landed row.
      """,
    examples: [.init("The topic and the table of the description", "netflix offsets show")])

  @OptionGroup var pipeline: PipelineOptions
  @OptionGroup var output: OutputOptions

  mutating func run() throws {
    try pipeline.maintain(output.log) { maintenance, options in
      let status = try maintenance.status()
      if output.json {
        try StandardOutput.print(options.summary(status.members.filter { ["partitions", "lag", "errors"].contains($0.name) }).line)
      } else {
        try StandardOutput.print(lines: [options.title, ""] + status.offsetsTable)
      }
      try status.report(output.log)
    }
  }
}

struct OffsetsSetCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "set",
    abstract: "Change the stored offsets: consumers continue from there.",
    discussion: """
      Shows what would change; with --execute it is changed, in one transaction. It works while consumers run: they continue from the new \
      offsets at once, or within 3 s if they are idle.

      Messages before the new offset that were not read are skipped: they do not land. Messages that were read before are read again. With \
      a key their rows stay as they are at the end, but may have older values until all is read; without a key they would land twice, which \
      needs --force. Rejected records from the new offset on are deleted, since their messages are read again.

      EXIT STATUS
        0 done, or shown               64 usage, or an offset that is not in the topic
        66 no description              69 broker, topic, database or table unavailable
        77 login or permission denied  78 rows would be doubled; description or table not valid
      """,
    examples: [
      .init("Show what skipping to the end would change", "netflix offsets set --to end"),
      .init("Read one partition again from an offset", "netflix offsets set --partition 0 --to 1200 --execute"),
      .init("Read again what was published since a time", "netflix offsets set --to 2026-01-31T08:00:00Z --execute"),
    ])

  @Option(
    help: ArgumentHelp("beginning, end, an offset, or a time (the first message of that time or later; UTC).", valueName: "PLACE"))
  var to: SinkMaintenance.OffsetTarget

  @Option(help: ArgumentHelp("Only this partition.", valueName: "N", default: "all"))
  var partition: [Int]

  @Flag(help: "Make the change.")
  var execute = false

  @Flag(help: "With --execute: also if rows without a key land twice.")
  var force = false

  @OptionGroup var pipeline: PipelineOptions
  @OptionGroup var output: OutputOptions

  mutating func validate() throws {
    if force, !execute { throw CommandError(.usage, "--force requires --execute", hint: "Without them, the change is only shown.") }
  }

  mutating func run() throws {
    try pipeline.maintain(output.log) { maintenance, options in
      let changes = try maintenance.setOffsets(
        to: to, of: partition.map { Int32(clamping: $0) }, executes: execute, doublesRows: force)
      guard !output.json else { return try StandardOutput.print(options.summary(members(changes)).line) }
      let rows = changes.map { change in
        ["\(change.partition)", change.old.map { "\($0)" } ?? "none", change.new.map { "\($0)" } ?? "beginning", change.effect]
      }
      try StandardOutput.print(
        lines: [options.title, ""] + FittedTable(columns: ["partition", "stored", "new", "effect"], rows: rows).lines(width: .max).lines)
      output.log.info(
        changes.allSatisfy { $0.old == $0.new }
          ? "The offsets are there already: nothing was changed."
          : execute ? "The offsets were changed: consumers continue from there." : "Nothing was changed: --execute makes the change.")
      if !execute, maintenance.hasNoKey, changes.contains(where: { $0.repeated > 0 }) {
        output.log.warning("without a key, the rows of messages that are read again land twice: --execute also needs --force")
      }
    }
  }

  private func members(_ changes: [SinkMaintenance.OffsetChange]) -> [JSON.Member] {
    let rows = changes.map { change -> JSON in
      .object([
        ("partition", .integer(change.partition)), ("stored", change.old.map { .integer($0) } ?? .null),
        ("new", change.new.map { .integer($0) } ?? .null), ("repeated", .integer(change.repeated)), ("skipped", .integer(change.skipped)),
        ("rejected", .integer(change.rejected)),
      ])
    }
    return [("executed", .bool(execute)), ("partitions", .array(rows))]
  }
}

extension SinkMaintenance.OffsetChange {
  fileprivate var effect: String {
    var parts: [String] = []
    if skipped > 0 { parts.append("skips \(counted(Int(skipped), "offset"))") }
    if repeated > 0 { parts.append("reads \(counted(Int(repeated), "offset")) again") }
    if rejected > 0 { parts.append("deletes \(counted(rejected, "rejected record"))") }
    return parts.isEmpty ? "nothing" : parts.joined(separator: ", ")
  }
}

extension SinkMaintenance.OffsetTarget: ExpressibleByArgument {
  /// `beginning`, `end`, an offset, or a date or time.
  package init?(argument: String) {
    switch argument {
    case "beginning": self = .beginning
    case "end": self = .end
    default:
      if let offset = Int64(argument), offset >= 0 {
        self = .offset(offset)
      } else if let time = ISOTime.instant(argument) {
        // Negative numbers have other meanings in Kafka's protocol.
        self = .time(max(0, time / 1000))
      } else {
        return nil
      }
    }
  }

  /// The noun phrase with examples.
  package static var valueKind: String { "beginning, end, an offset, or a time such as 2026-01-31 or 2026-01-31T08:00:00Z" }
}
