import Charts
import Console
import Forecasting

extension ForecastingError {
  /// A series that cannot be modelled is bad data; an order that does not suit it was asked for.
  func failure(of place: String) -> CommandError {
    CommandError(kind == .unsupported ? .usage : .badData, "\(place): \(message)", advice: advice.sentence)
  }
}

extension ChartError: CommandErrorConvertible {
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
  /// An advice, as a sentence of its own.
  var sentence: String { prefix(1).uppercased() + dropFirst() + (hasSuffix(";") ? "" : ".") }
}
