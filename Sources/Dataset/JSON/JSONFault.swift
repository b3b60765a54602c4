/// Where JSON text stops being JSON, and why.
struct JSONFault: Error, Equatable {
  /// Byte offset from the start of the text.
  let offset: Int
  let message: String
  /// The text is JSON's grammar in bytes that are not UTF-8.
  var isEncoding = false
}
