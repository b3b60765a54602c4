import Console
import Publishing

/// Reads the CSV in chunks. A signal interrupts the wait for a pipe.
final class CSVInput {
  private let file: InputFile
  /// Called several times a second while a pipe has no data.
  var whileWaiting: () throws -> Void = {}

  init(_ path: String) throws(CommandError) { file = try InputFile(path, what: "CSV") }

  var name: String { file.name }
  /// In bytes, if known.
  var size: Int? { file.size }

  /// Fills `chunk` from its start and returns the number of bytes; 0 at the end of the file.
  func read(_ chunk: inout [UInt8]) throws -> Int {
    while !file.isReady(milliseconds: 200) {
      if Signals.received != nil { throw PublishingError.cancelled }
      try whileWaiting()
    }
    // A device such as /dev/zero is always ready, and one record of it has no end.
    if file.size == nil, Signals.received != nil { throw PublishingError.cancelled }
    return try file.read(into: &chunk)
  }
}
