import Charts
import Console
import Dataset

extension ImageFormat: ExpressibleByArgument {}

/// Options for the folder and the format of a command's charts.
struct ChartOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The folder for the charts.", valueName: "FOLDER"))
  var charts = "outputs"

  @Option(help: "The file format of the charts.")
  var chartFormat = ImageFormat.png

  @Flag(help: "Do not draw charts.")
  var noCharts = false

  mutating func validate() throws {
    if charts == "-" { throw CommandError(.usage, "--charts takes a folder: charts cannot go to standard output") }
    guard noCharts else { return }
    for (name, source) in [("--charts", $charts.source), ("--chart-format", $chartFormat.source)] where source == .commandLine {
      throw CommandError(.usage, "\(name) cannot be combined with --no-charts", hint: "Leave one of them out.")
    }
  }
}

/// The human-readable format of a series' values: in billions or millions if they are large enough, with a currency sign.
struct DisplayScale {
  let factor: Double
  private let word: String
  private let unit: String?
  private let decimals: Int

  /// - Parameter unit: As in the description: "USD", "USD a month", "memberships".
  init(largest: Double, unit: String?, decimals: Int? = nil) {
    (factor, word) =
      switch largest.magnitude {
      case 1e9...: (1e9, "billion")
      case 1e6...: (1e6, "million")
      default: (1, "")
      }
    self.unit = unit
    // At least three significant digits of the largest value, and at least the description's decimals.
    let places = AxisLabelNumber.decimals(showing: largest / factor)
    self.decimals = factor == 1 ? max(places, decimals ?? 0) : places
  }

  /// "$9.61 bn", "$242.5 M": each value with the suffix for its size.
  func short(_ value: Double) -> String {
    let (unit, abbreviation) =
      switch value.magnitude {
      case 1e9...: (1e9, " bn")
      case 1e6...: (1e6, " M")
      default: (1.0, "")
      }
    let shown = value.magnitude / unit
    let text = AxisLabelNumber.text(shown, decimals: unit == 1 ? (shown < 1000 ? decimals : 0) : shown < (unit == 1e9 ? 100 : 10) ? 2 : 1)
    return (value < 0 ? "−" : "") + (isDollars ? "$" : "") + text + abbreviation
  }

  /// The title of a column or an axis: "US$ billion", "US$ a month", "Million memberships".
  var axis: String {
    let name = unit.map { isDollars ? "US$" + $0.dropFirst(3) : $0 } ?? ""
    if isDollars { return word.isEmpty ? name : "US$ \(word)" + name.dropFirst(3) }
    let words = [word, name].filter { !$0.isEmpty }.joined(separator: " ")
    // Symbols such as hl and kWh keep their case; other units are capitalized.
    let isSymbol = word.isEmpty && name.prefix { $0 != " " }.count <= 3
    return words.isEmpty ? "Value" : isSymbol ? words : words.prefix(1).uppercased() + words.dropFirst()
  }

  /// The number only, for a column with the title ``axis``.
  func plain(_ value: Double) -> String { AxisLabelNumber.text(value / factor, decimals: factor == 1 ? decimals : decimals + 1) }

  private var isDollars: Bool { unit?.hasPrefix("USD") ?? false }
}

extension StarMapping.Metric {
  /// What an axis counts: the unit, or what is measured where the description names no unit.
  var countedUnit: String {
    if let unit { return unit }
    // ARPU is not aRPU.
    let isWord = title.dropFirst().first?.isUppercase != true
    return isWord ? title.prefix(1).lowercased() + title.dropFirst() : title
  }
}

/// The human-readable name of the period that ends on a date.
enum PeriodName {
  /// "Q1 2025" for quarters, "March 2025" for months, "2025" for years; else the date.
  static func of(_ date: String, period: Int) -> String {
    let parts = date.split(separator: "-").compactMap { Int($0) }
    guard parts.count == 3, (1...12).contains(parts[1]) else { return date }
    return switch period {
    case 4: "Q\((parts[1] - 1) / 3 + 1) \(parts[0])"
    case 12: "\(months[parts[1] - 1]) \(parts[0])"
    case 1: "\(parts[0])"
    default: date
    }
  }

  /// The plural noun, as in "21 quarters".
  static func plural(period: Int) -> String {
    switch period {
    case 4: "quarters"
    case 12: "months"
    case 52: "weeks"
    default: "values"
    }
  }

  private static let months = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
  ]
}
