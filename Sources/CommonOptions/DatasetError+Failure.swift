import Console
import Dataset

extension DatasetError: FailureRepresentable {
  public var failure: Failure {
    let inside = path.map { $0.isEmpty ? "" : "\($0): " } ?? ""
    return Failure(kind == .data ? .badData : .config, "\(place): \(inside)\(message)", advice: advice)
  }
}
