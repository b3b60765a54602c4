import Charts
import CommonOptions
import Console
import Forecasting

struct ForecastCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "a forecast of one series, with its bands, its model's reason and what it would have been worth before",
    discussion: """
      Fits a seasonal ARIMA by exact maximum likelihood. How often the series is differenced is decided by tests (KPSS, seasonal strength), \
      the rest of the order by AICc over a grid and by a backtest: at each of the last dates every model is fitted to what was known by then, \
      forecasts what came, and is compared with ETS, with the last value, with the last season's and with the line through both ends.

      EXIT STATUS
        0 done                         64 usage, no such series or order    65 bad rows, a gap, too short a series
        66 no CSV, description, rows   69 Postgres not reachable            73 the picture cannot be drawn or written
        77 password or right refused   78 the description is invalid
      """,
    examples: [
      .init("Netflix's global revenue, the next four quarters", "netflix forecast"),
      .init("Members of a region, two years ahead", "netflix forecast --region UCAN --metric memberships --horizon 8"),
      .init("A model of one's own", "netflix forecast --order 1,1,1 --drift"),
      .init(
        "Any series, one number a line, monthly", "netflix forecast --values passengers.txt --period 12 --order 2,1,1 --seasonal 0,1,0"),
    ])

  @OptionGroup(title: "Rows") var rows: SnapshotOptions
  @OptionGroup(title: "Series") var series: ForecastSeriesOptions
  @OptionGroup(title: "Model") var model: ForecastModelOptions

  @Option(
    help: ArgumentHelp(
      "Where the picture goes, PNG or SVG by its ending.", valueName: "FILE",
      default: "outputs/REGION_METRIC_forecast.png; none with --values"))
  var output: String?

  @Flag(help: "Draw no picture.")
  var noPicture = false

  @OptionGroup var said: OutputOptions

  mutating func validate() throws {
    if series.values != nil, rows.csv != nil || rows.isFromGiven {
      throw CommandError(.usage, "--values names a file, and --\(rows.csv == nil ? "from" : "csv") another place")
    }
    if noPicture, output != nil { throw CommandError(.usage, "--output names a picture, and --no-picture asks for none") }
  }

  mutating func run() throws {
    // Before the work: a wrong ending is the command line's fault.
    if let output { try usage { () throws(ChartError) in _ = try ImageFormat(path: output) } }
    let input = try series.load(rows, log: said.log)
    let order = try model.order(period: input.period)
    let report: ForecastReport
    do {
      report = try ForecastReport(
        TimeSeries(input.values, period: input.period), name: input.name, order: order, horizon: model.horizon, dates: input.dates)
    } catch {
      throw error.failure(of: input.place)
    }
    let scale = DisplayScale(largest: input.values.reduce(0) { max($0, $1.magnitude) }, unit: input.unit, decimals: input.decimals)
    if said.json {
      try StandardOutput.print(ForecastJSON.line(report))
    } else {
      try StandardOutput.print(lines: ForecastText(report: report, dates: input.dates, scale: scale, title: input.title).lines)
    }
    for doubt in input.doubts { said.log.warning("doubtful: \(doubt); netflix check says why") }
    guard !noPicture, let picture = output ?? input.picture else { return }
    let drawing = ForecastChart(report: report, title: input.title, dates: input.dates, scale: scale, source: input.source)
    for note in try Gnuplot.draw(drawing.chart, to: picture) { said.log.warning(note) }
    said.log.info("picture: \(picture)")
  }
}

private func usage(_ body: () throws(ChartError) -> Void) throws(CommandError) {
  do { try body() } catch { throw CommandError(.usage, error.message, advice: error.advice.sentence) }
}
