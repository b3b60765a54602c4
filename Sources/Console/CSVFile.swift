/// A CSV that is being read, with its progress. A class, because the reader stores closures that use it.
package final class CSVFile {
  /// Where the progress goes.
  package let log: Log
  /// Called several times a second while a pipe has no data.
  package var whileWaiting: () throws -> Void = {}
  private let file: InputFile
  private var bar: ProgressBar?

  /// Opens the file; `-` is standard input.
  ///
  /// - Throws: ``CommandError`` 66 if it cannot be read.
  package init(_ path: String, log: Log) throws(CommandError) {
    self.log = log
    file = try InputFile(path, what: "CSV")
    bar = ProgressBar("rows", log: log)
  }

  /// The path, or `standard input`.
  package var name: String { file.name }

  /// Fills `chunk` from its start and returns the number of bytes; 0 at the end of the file.
  ///
  /// - Throws: the errors of ``whileWaiting``; otherwise as ``InputFile``.
  package func read(_ chunk: inout [UInt8]) throws -> Int {
    while Signals.received == nil, !file.isReady(timeout: .milliseconds(200)) { try whileWaiting() }
    return try file.read(into: &chunk)
  }

  /// Shows the progress, if it is due: the rows and bytes that were read.
  package func update(rows: Int, bytes: Int) {
    bar?.update(done: rows, fraction: file.size.flatMap { $0 > 0 ? Double(bytes) / Double($0) : nil })
  }

  /// Removes the progress bar.
  package func endProgress() { bar = nil }
}
