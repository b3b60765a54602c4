import Console
import Warehouse

extension WarehouseError: CommandErrorConvertible {
  /// 65 for invalid data, 66 for a missing source, 78 for an unexpected layout.
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
