/// Invalid JSON: the position and the reason.
struct JSONSyntaxError: Error, Equatable {
  /// Byte offset from the start of the text.
  let offset: Int
  let message: String
  /// True if the grammar is valid, but the text inside a string is not valid Unicode.
  var isEncoding = false
}
