import Charts
import Console
import Forecasting

extension ForecastingError {
  /// Bad data (65) if the series cannot be modeled; usage (64) if the requested order does not suit it.
  func failure(of place: String) -> CommandError {
    CommandError(kind == .unsupported ? .usage : .badData, "\(place): \(message)", advice: advice.sentence)
  }
}

extension ChartError: CommandErrorConvertible {
  /// 65 for a chart without values, else 73.
  public var failure: CommandError {
    let code: ExitCode =
      switch kind {
      case .missing, .cannotWrite, .failed: .cannotCreate
      case .invalid: .badData
      }
    return CommandError(code, message, advice: advice.sentence)
  }
}

extension String {
  /// A hint as a sentence.
  var sentence: String { prefix(1).uppercased() + dropFirst() + (hasSuffix(";") ? "" : ".") }
}
