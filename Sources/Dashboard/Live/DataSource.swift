/// Where editions come from. One thread opens, uses and closes it.
protocol DataSource: AnyObject {
  var store: SourceInfo { get }
  /// What the user must know about how changes are noticed.
  var notice: String? { get }
  func read() throws -> LoadedData
  /// Waits up to a second for a change, or until the signal; true when there was one.
  func waitForChange(_ stop: WakeupPipe) throws -> Bool
  func close()
}

extension DataSource {
  var notice: String? { nil }
}
