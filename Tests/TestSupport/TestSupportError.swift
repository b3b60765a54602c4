/// A test could not be set up.
public struct TestSupportError: Error, CustomStringConvertible {
  /// What failed.
  public let description: String

  /// An error with a message.
  public init(_ description: String) { self.description = description }
}
