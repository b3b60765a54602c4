import Console
import LocalStack

extension LocalStackError: FailureRepresentable {
  public var failure: Failure { Failure(.unavailable, message, advice: advice) }
}
