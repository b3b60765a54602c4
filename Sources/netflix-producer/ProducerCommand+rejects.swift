import Console
import Publishing

extension ProducerCommand {
  func openRejects() throws -> RejectsFile? {
    guard let rejects else { return nil }
    let file = try RejectsFile(rejects, isStopped: { Signals.received != nil })
    if csv != "-", file.isSameFile(as: csv) {
      throw CommandError(.usage, "--rejects names the CSV itself", advice: "Bad rows need a file of their own.")
    }
    return file
  }
}
