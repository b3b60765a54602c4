import Console
import LocalStack

extension DevServicesError: CommandErrorConvertible {
  /// 69 with the error's hint.
  public var failure: CommandError { CommandError(.unavailable, message, advice: advice) }
}
