import Console
import Dashboard
import HTTP

extension HTTPError: CommandErrorConvertible {
  /// The exit code of the error's kind, with its hint.
  public var failure: CommandError {
    switch kind {
    case .portTaken: CommandError(.unavailable, message, advice: advice)
    case .refused: CommandError(.refused, message, advice: advice)
    case .noSuchAddress: CommandError(.usage, message, advice: advice)
    case .other: CommandError(.software, message, advice: advice)
    }
  }
}

extension ChartLibrary.Missing: CommandErrorConvertible {
  /// 66 with the error's hint.
  public var failure: CommandError { CommandError(.noInput, message, advice: advice) }
}
