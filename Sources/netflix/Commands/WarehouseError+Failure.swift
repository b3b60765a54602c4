import Console
import Warehouse

extension WarehouseError: CommandErrorConvertible {
  public var failure: CommandError {
    let code: ExitCode =
      switch kind {
      case .data: .badData
      case .missing: .noInput
      case .layout: .config
      }
    return CommandError(code, message, advice: advice?.sentence)
  }
}
