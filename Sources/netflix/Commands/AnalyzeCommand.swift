import CommonOptions
import Console
import Warehouse

struct AnalyzeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "growth, shares, members added, ARPU and seasons, as tables and pictures",
    discussion: """
      Growth is told against the period before, against the year before, and as the compound rate a year since the first value of the same \
      season. Shares are of the regions' own sum. Seasons stand against a centred moving average of a year.

      EXIT STATUS
        0 done                         64 usage                             65 bad rows, with the place of the first
        66 no CSV, description, rows   69 Postgres not reachable            73 a picture cannot be drawn or written
        77 password or right refused   78 the description is invalid
      """,
    examples: [
      .init("The CSV of this repository", "netflix analyze"),
      .init("The rows that landed, for a machine", "netflix analyze --from postgres --json"),
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
    // A wrong figure makes wrong growth: the reader must know before quoting it.
    for finding in QualityReport(resource: resource, snapshot: snapshot, origin: snapshot.provenance).findings {
      said.log.warning("doubtful: \(finding.headline); netflix check says why")
    }
    guard !pictures.noPictures else { return }
    let drawn = try AnalysisCharts(snapshot: snapshot).draw(into: pictures.pictures, as: pictures.pictureFormat)
    for note in drawn.notes { said.log.warning(note) }
    for file in drawn.files { said.log.info("picture: \(file)") }
  }
}
