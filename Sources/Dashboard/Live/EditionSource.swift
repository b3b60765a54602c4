/// Where editions come from. One thread opens, uses and closes it.
protocol EditionSource: AnyObject {
  var store: Store { get }
  /// What the user must know about how changes are noticed.
  var notice: String? { get }
  func read() throws -> Reading
  /// Waits up to a second for a change, or until the signal; true when there was one.
  func waitForChange(_ stop: StopSignal) throws -> Bool
  func close()
}

extension EditionSource {
  var notice: String? { nil }
}
