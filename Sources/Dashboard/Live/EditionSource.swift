/// Where editions come from. One thread opens, uses and closes it.
protocol EditionSource: AnyObject {
  var store: Store { get }
  func read() throws -> Reading
  /// Waits up to a second for a change, or until the signal; true when there was one.
  func waitForChange(_ stop: StopSignal) throws -> Bool
  func close()
}
