import Console
import Dataset

extension DatasetError: CommandErrorConvertible {
  /// 65 for invalid data, 78 for an invalid description, with the location in the message.
  public var failure: CommandError {
    let inside = path.map { $0.isEmpty ? "" : "\($0): " } ?? ""
    return CommandError(kind == .data ? .badData : .config, "\(place): \(inside)\(message)", advice: advice)
  }
}
