import CommonOptions
import Console
import Dataset
import Publishing

/// `--dry-run`: prints the messages (key, tab, value) on standard output and sends nothing.
struct ProducerDryRun {
  let input: CSVFile
  let resource: Resource
  let rejectPolicy: Publisher.Options.RejectPolicy
  let rejects: RejectsFile?
  let log: Log

  func run() throws {
    let encoder = MessageEncoder(resource: resource)
    let rejectedRows = RejectedRowLog(source: input.name, log: log)
    var reader = RowReader(resource: resource, source: input.name, read: input.read)
    var output = StandardOutput()
    var row = Row()
    var line: [UInt8] = []
    var (read, blank, rejected, first) = (0, 0, 0, RejectedRow?.none)
    loop: while true {
      let outcome: RowReader.Outcome
      do {
        outcome = try reader.next(into: &row)
      } catch {
        try output.flush()
        throw error
      }
      switch outcome {
      case .row:
        read += 1
        line.removeAll(keepingCapacity: true)
        encoder.appendKey(of: row, to: &line)
        try output.write(printable: line)
        try output.write("\t")
        line.removeAll(keepingCapacity: true)
        encoder.appendValue(of: row, to: &line)
        try output.write(printable: line)
        try output.write("\n")
      case .rejected(let rejectedRow):
        (read, rejected, first) = (read + 1, rejected + 1, first ?? rejectedRow)
        try rejects?.write(rejectedRow)
        if rejectPolicy == .stop {
          try output.flush()
          try rejects?.finish()
          throw PublishingError.rowRejected(rejectedRow, source: input.name)
        }
        rejectedRows.log(rejectedRow, number: rejected)
      case .blank:
        blank += 1
      case .end:
        break loop
      }
      if let stop = Signals.received { throw CommandError(stop.exitCode, "stopped by \(stop.name) before the end of the file") }
    }
    try output.flush()
    try rejects?.finish()
    if blank > 0 { log.info(RowReader.blankNote(blank, source: input.name)) }
    if let first {
      throw PublishingError.rowsRejected(rejected, of: read, first: first, source: input.name).failure(
        rejects: rejects?.path, done: "printed")
    }
  }
}
