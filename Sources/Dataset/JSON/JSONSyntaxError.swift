/// Where JSON text stops being JSON, and why.
struct JSONSyntaxError: Error, Equatable {
  /// Byte offset from the start of the text.
  let offset: Int
  let message: String
  /// The grammar is JSON's; it is the text inside a string that is no text.
  var isEncoding = false
}
