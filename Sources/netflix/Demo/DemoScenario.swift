import CommonOptions
import Console
import Glibc
import Support

/// The steps of a demo, in their order.
struct DemoScenario {
  let printer: StepPrinter
  let log: Log

  func start(_ source: DemoSource) throws -> DemoStack {
    try printer.heading("The pipeline: CSV ▶ Kafka ▶ Postgres, exactly once, on this machine.")
    try printer.printLine()
    let stack = try DemoStack(source)
    try Signals.check()
    try printer.step("Kafka", "an embedded broker at \(stack.broker.bootstrapServers)")
    try printer.step("Postgres", "a private server at 127.0.0.1:\(stack.postgres.port), in \(stack.postgres.folder)")
    return stack
  }

  func run(of source: DemoSource, on stack: DemoStack) throws -> JSONSummary {
    let start = ContinuousClock.now
    let rows = try firstRun(source, stack)
    try showTable(stack)
    try secondRun(source, stack, rows: rows)
    try rejectMessage(source.invalidMessage, stack)
    var summary = JSONSummary()
    summary.add("rows", rows)
    summary.add("rows_after_second_run", try count(stack.quotedTable, stack))
    summary.add("rejected", try count(stack.quotedRejects, stack))
    summary.add("seconds", ContinuousClock.now - start)
    return summary
  }

  /// Publishes and lands one file after the other, because the embedded broker drops the oldest messages when a partition is full.
  private func firstRun(_ source: DemoSource, _ stack: DemoStack) throws -> Int {
    var published = (rows: 0, seconds: 0.0)
    var landed = (rows: 0, seconds: 0.0)
    var bar = ProgressBar("rows", log: log)
    for index in 0..<source.files {
      let producer = try stack.publish(try source.file(index, in: stack.postgres.folder))
      let consumer = try stack.land()
      published = (published.rows + producer.delivered, published.seconds + producer.seconds)
      landed = (landed.rows + consumer.landed, landed.seconds + consumer.seconds)
      bar.update(done: landed.rows, fraction: Double(index + 1) / Double(source.files))
    }
    bar.finish()
    try printer.step("Publish", "netflix-producer: \(source.name) ▶ topic \(stack.topic): \(text(published))")
    try printer.step("Land", "netflix-consumer: topic \(stack.topic) ▶ table \(stack.table): \(text(landed))")
    return try count(stack.quotedTable, stack)
  }

  private func text(_ done: (rows: Int, seconds: Double)) -> String {
    "\(counted(done.rows, "row")) in \((done.seconds * 100).rounded() / 100) s"
  }

  private func showTable(_ stack: DemoStack) throws {
    let lineage = ["kafka_topic", "kafka_partition", "kafka_offset", "landed_at"]
    let total = try count(stack.quotedTable, stack)
    var found = try stack.query("SELECT * FROM \(stack.quotedTable) ORDER BY 1 LIMIT \(total <= 30 ? 30 : 5)")
    let columns = found.columns.indices.filter { !lineage.contains(found.columns[$0]) }
    var rows = found.map { row in columns.map { row[$0] } }
    if total > 30 {
      found = try stack.query("SELECT * FROM (SELECT * FROM \(stack.quotedTable) ORDER BY 1 DESC LIMIT 5) AS last ORDER BY 1")
      rows += [columns.map { _ in "…" }] + found.map { row in columns.map { row[$0] } }
    }
    let table = FittedTable(columns: columns.map { found.columns[$0] }, rows: rows).lines(width: printer.width)
    try printer.printLine()
    for line in table.lines { try printer.printLine(line) }
    let omitted = table.omitted.isEmpty ? "" : ", and beside these columns: \(table.omitted.joined(separator: ", "))"
    for line in "(\(counted(total, "row"))\(omitted))".wrapped(width: printer.width) { try printer.printLine(line) }
    try printer.printLine()
  }

  private func secondRun(_ source: DemoSource, _ stack: DemoStack, rows: Int) throws {
    let last = source.files - 1
    let producer = try stack.publish(try source.file(last, in: stack.postgres.folder))
    let consumer = try stack.land()
    let after = try count(stack.quotedTable, stack)
    let what = last == 0 ? "the same rows once more" : "the last \(counted(producer.read, "row")) once more"
    // Without a key each message is a new row.
    let isKeyed = !source.resource.primaryKey.isEmpty
    let expected = isKeyed ? rows : rows + consumer.landed
    guard after == expected else {
      throw CommandError(.internal, "\(counted(rows, "row")) became \(after) by a second run, not \(expected)")
    }
    let landed = "\(what): \(counted(consumer.landed, "message")) landed, "
    let meaning =
      isKeyed
      ? "each replaced the row with its key, so the table still has "
      : "each as a new row, because the description has no key; the table now has "
    try printer.step("Again", landed + meaning + counted(after, "row"))
  }

  private func rejectMessage(_ message: (key: String, value: String), _ stack: DemoStack) throws {
    try stack.send(key: message.key, value: message.value)
    let consumer = try stack.land()
    let found = try stack.query(
      "SELECT kafka_partition, kafka_offset, convert_from(payload, 'UTF8'), reason FROM \(stack.quotedRejects) ORDER BY rejected_at DESC LIMIT 1"
    )
    guard consumer.rejected == 1, let row = found.first else {
      throw CommandError(.internal, "the invalid message was not rejected")
    }
    try printer.step(
      "Reject", "an invalid message goes to netflix_rejected, and the others land:",
      "partition \(row[0] ?? "?"), offset \(row[1] ?? "?"): \(row[2] ?? "")", "reason: \(row[3] ?? "")")
  }

  /// Also printed with `--quiet`: with `--keep` the user must know how to stop the server.
  func keep(_ stack: DemoStack) throws {
    stack.postgres.keep()
    let printer = StepPrinter(quiet: false, toStandardError: printer.toStandardError)
    try printer.printLine()
    try printer.step("Keep", "connect:  \(stack.postgres.psqlCommand)", "stop:     \(stack.postgres.stopCommand)")
  }

  private func count(_ table: String, _ stack: DemoStack) throws -> Int {
    Int(try stack.query("SELECT count(*) FROM \(table)").firstValue ?? "") ?? 0
  }
}

/// Prints the demo's steps and tables on standard output, or on standard error if standard output is machine-readable.
struct StepPrinter {
  let quiet: Bool
  let toStandardError: Bool

  private var descriptor: Int32 { toStandardError ? STDERR_FILENO : STDOUT_FILENO }
  private var hasColors: Bool { Terminal.hasColors(descriptor) }
  /// Width in columns.
  var width: Int { Terminal.columns(descriptor) }

  func printLine(_ text: String = "") throws { try put(text.printable) }

  private func put(_ line: String) throws {
    guard !quiet else { return }
    if toStandardError {
      StandardError.line(line)
    } else {
      try StandardOutput.print(line)
    }
  }

  /// `✓ Publish    21 rows …`, with further lines below the text.
  func step(_ name: String, _ lines: String...) throws {
    let tick = hasColors ? "\u{1B}[32m✓\u{1B}[0m" : "✓"
    let bold = hasColors ? "\u{1B}[1m\(name)\u{1B}[0m" : name
    let pad = String(repeating: " ", count: max(1, 11 - name.count))
    try put("\(tick) \(bold)\(pad)\(lines[0].printable)")
    for line in lines.dropFirst() { try printLine(String(repeating: " ", count: 13) + line) }
  }

  func heading(_ text: String) throws { try put(hasColors ? "\u{1B}[1m\(text.printable)\u{1B}[0m" : text.printable) }
}
