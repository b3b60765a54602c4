/// A test could not be set up.
package struct TestSupportError: Error, CustomStringConvertible {
  /// What failed.
  package let description: String

  /// An error with a message.
  package init(_ description: String) { self.description = description }
}
