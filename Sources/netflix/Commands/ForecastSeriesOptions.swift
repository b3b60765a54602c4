import CommonOptions
import Console

/// Which series.
struct ForecastSeriesOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Any series instead: one number a line, oldest first; - is standard input.", valueName: "FILE"))
  var values: String?

  @Option(help: ArgumentHelp("Values a season: 4, 12, 1.", valueName: "N", default: "the dataset's; 1 with --values"), in: 1...366)
  var period: Int?

  func load() throws -> ForecastInput {
    guard let values else { throw Failure(.usage, "--values is needed") }
    return try ForecastInput(file: values, period: period ?? 1)
  }

  /// Where the picture goes unless told otherwise.
  var defaultPicture: String? { nil }
}
