/// A source of rows. One thread opens, uses and closes it.
protocol DataSource: AnyObject {
  var store: SourceInfo { get }
  /// A note for the user about how changes are detected.
  var notice: String? { get }
  func read() throws -> LoadedData
  /// Waits up to a second for a change, or until `stop` is set. Returns whether there was a change.
  func waitForChange(_ stop: WakeupPipe) throws -> Bool
  func close()
}

extension DataSource {
  var notice: String? { nil }
}
