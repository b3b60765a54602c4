import Console
import LocalStack

extension DevServicesError: CommandErrorConvertible {
  public var failure: CommandError { CommandError(.unavailable, message, advice: advice) }
}
