import Console
import Dataset

extension DatasetError: CommandErrorConvertible {
  public var failure: CommandError {
    let inside = path.map { $0.isEmpty ? "" : "\($0): " } ?? ""
    return CommandError(kind == .data ? .badData : .config, "\(place): \(inside)\(message)", advice: advice)
  }
}
