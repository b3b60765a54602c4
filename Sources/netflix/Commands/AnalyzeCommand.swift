import CommonOptions
import Console
import Warehouse

struct AnalyzeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Print and draw growth, shares, net additions, ARPU trend and seasonality.",
    discussion: """
      Growth is shown from the previous period, from the previous year, and as the compound annual rate since the first value of the same \
      season. Shares are of the sum of the regions. Seasonality is relative to a centered moving average over a year.

      EXIT STATUS
        0 done                         64 usage                             65 bad rows, with the place of the first
        66 no CSV, description, rows   69 Postgres not reachable            73 a chart cannot be drawn or written
        77 login or permission denied  78 the description is invalid
      """,
    examples: [
      .init("The CSV of this repository", "netflix analyze"),
      .init("The landed rows, machine-readable", "netflix analyze --from postgres --json"),
    ])

  @OptionGroup(title: "Rows") var rows: SnapshotOptions

  @OptionGroup(title: "Pictures") var pictures: ChartOptions

  @OptionGroup var said: OutputOptions

  mutating func run() throws {
    let resource = try rows.described()
    let snapshot = try rows.snapshot(resource, log: said.log)
    let analysis = Analysis(snapshot)
    if said.json {
      try StandardOutput.print(analysis.json.line)
    } else {
      try StandardOutput.print(lines: analysis.lines)
    }
    // A wrong value makes the growth wrong, so the user must be warned.
    for finding in QualityReport(resource: resource, snapshot: snapshot, origin: snapshot.provenance).findings {
      said.log.warning("flagged: \(finding.headline); netflix check shows the reason")
    }
    guard !pictures.noPictures else { return }
    let drawn = try AnalysisCharts(snapshot: snapshot).draw(into: pictures.pictures, as: pictures.pictureFormat)
    for note in drawn.notes { said.log.warning(note) }
    for file in drawn.files { said.log.info("chart: \(file)") }
  }
}
