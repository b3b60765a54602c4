import Console
import Forecasting

/// Options for the model and the horizon.
struct ForecastModelOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The order p,d,q, or auto.", valueName: "P,D,Q"))
  var order = "auto"

  @Option(help: ArgumentHelp("Seasonal terms P,D,Q; requires --order.", valueName: "P,D,Q", default: "none"))
  var seasonal: String?

  @Flag(help: "A constant in the once differenced series; requires --order.")
  var drift = false

  @Option(help: ArgumentHelp("Steps ahead.", valueName: "N"), in: 1...400)
  var horizon = 4

  mutating func validate() throws {
    if order == "auto", seasonal != nil || drift {
      throw CommandError(
        .usage, "\(drift ? "--drift" : "--seasonal") requires --order",
        advice: "Add --order p,d,q; without it, seasonal terms and drift are chosen automatically.")
    }
    if order != "auto" { _ = try Self.numbers("--order", order) }
    if let seasonal { _ = try Self.numbers("--seasonal", seasonal) }
  }

  /// The order; nil for auto. Throws ``CommandError`` 64 for an order that the period or the likelihood does not allow.
  func order(period: Int) throws(CommandError) -> ArimaOrder? {
    if order == "auto" { return nil }
    let (p, d, q) = try Self.numbers("--order", order)
    let season = try seasonal.map { text throws(CommandError) in try Self.numbers("--seasonal", text) } ?? (0, 0, 0)
    do {
      return try ArimaOrder(p, d, q, seasonal: .init(season.0, season.1, season.2), period: period, drift: drift)
    } catch {
      throw CommandError(.usage, error.message, advice: error.advice.sentence)
    }
  }

  private static func numbers(_ option: String, _ text: String) throws(CommandError) -> (Int, Int, Int) {
    let parts = text.split(separator: ",", omittingEmptySubsequences: false)
    let numbers = parts.compactMap { part in part.allSatisfy { $0.isASCII && $0.isNumber } ? Int(part) : nil }
    guard parts.count == 3, numbers.count == 3 else {
      throw CommandError(.usage, "\(option) \(text): not three whole numbers", advice: "Write them as 1,1,1.")
    }
    return (numbers[0], numbers[1], numbers[2])
  }
}
