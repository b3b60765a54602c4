import Console
import Dashboard
import HTTP

extension HTTPError: FailureRepresentable {
  public var failure: Failure {
    switch kind {
    case .portTaken: Failure(.unavailable, message, advice: advice)
    case .refused: Failure(.refused, message, advice: advice)
    case .noSuchAddress: Failure(.usage, message, advice: advice)
    case .other: Failure(.software, message, advice: advice)
    }
  }
}

extension ChartLibrary.Missing: FailureRepresentable {
  public var failure: Failure { Failure(.noInput, message, advice: advice) }
}
