import Console
import Warehouse

extension WarehouseError: FailureRepresentable {
  public var failure: Failure {
    let code: ExitCode =
      switch kind {
      case .data: .badData
      case .missing: .noInput
      case .layout: .config
      }
    return Failure(code, message, advice: advice?.sentence)
  }
}
