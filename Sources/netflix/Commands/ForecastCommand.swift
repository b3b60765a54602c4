import Charts
import CommonOptions
import Console
import Forecasting

struct ForecastCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Forecast one series, with prediction intervals, the reason for the model, and a backtest.",
    discussion: """
      Fits a seasonal ARIMA by exact maximum likelihood. Tests (KPSS, seasonal strength) choose the number of differences; \
      AICc over a grid and a backtest choose the rest of the order: at each of the last dates every model is fitted to the values known then, \
      forecasts the following values, and is compared with ETS, the last value, the last season's value and the line through both ends.

      EXIT STATUS
        0 done                         64 usage, no such series or order    65 bad rows, a gap, too short a series
        66 no CSV, description, rows   69 Postgres not reachable            73 the chart cannot be drawn or written
        77 login or permission denied  78 the description is invalid
      """,
    examples: [
      .init("Netflix's global revenue, the next four quarters", "netflix forecast"),
      .init("Members of a region, two years ahead", "netflix forecast --region UCAN --metric memberships --horizon 8"),
      .init("A manually chosen model", "netflix forecast --order 1,1,1 --drift"),
      .init(
        "Any series, one number per line, monthly", "netflix forecast --values passengers.txt --period 12 --order 2,1,1 --seasonal 0,1,0"),
    ])

  @OptionGroup(title: "Rows") var rows: SnapshotOptions
  @OptionGroup(title: "Series") var series: ForecastSeriesOptions
  @OptionGroup(title: "Model") var model: ForecastModelOptions

  @Option(
    help: ArgumentHelp(
      "The file for the chart, PNG or SVG by its extension.", valueName: "FILE",
      default: "outputs/REGION_METRIC_forecast.png; none with --values"))
  var output: String?

  @Flag(help: "Do not draw a chart.")
  var noPicture = false

  @OptionGroup var said: OutputOptions

  mutating func validate() throws {
    if series.values != nil, rows.csv != nil || rows.isFromGiven {
      throw CommandError(.usage, "--values cannot be combined with --\(rows.csv == nil ? "from" : "csv")")
    }
    if noPicture, output != nil { throw CommandError(.usage, "--output cannot be combined with --no-picture") }
  }

  mutating func run() throws {
    // Before any work: an invalid file extension is a usage error.
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
    for doubt in input.doubts { said.log.warning("flagged: \(doubt); netflix check shows the reason") }
    guard !noPicture, let picture = output ?? input.picture else { return }
    let drawing = ForecastChart(report: report, title: input.title, dates: input.dates, scale: scale, source: input.source)
    for note in try Gnuplot.draw(drawing.chart, to: picture) { said.log.warning(note) }
    said.log.info("chart: \(picture)")
  }
}

private func usage(_ body: () throws(ChartError) -> Void) throws(CommandError) {
  do { try body() } catch { throw CommandError(.usage, error.message, advice: error.advice.sentence) }
}
