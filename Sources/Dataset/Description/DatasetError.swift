/// A fault in a description or a file, with its location and a hint.
package struct DatasetError: Error, Sendable, Equatable {
  /// What is at fault; it determines the exit status.
  package enum Kind: Sendable {
    /// The description violates the standard or contradicts itself (exit 78).
    case invalidDescription
    /// The description uses a feature that changes parsing or validity and is not supported (exit 78).
    case unsupportedDescription
    /// The file does not match its description (exit 65).
    case data
  }

  /// What is at fault.
  package let kind: Kind
  /// The fault, without its location.
  package let message: String
  /// The file's name.
  package let file: String
  /// The path inside the description, such as `resources[0].schema.fields[3].type`.
  package let path: String?
  /// 1-based line of the file.
  package let line: Int?
  /// 1-based character (Unicode scalar) of the line; a byte-order mark does not count.
  package let column: Int?
  /// How to fix the fault, if known.
  package let hint: String?

  /// Creates an error; the parameters are the properties above.
  package init(
    _ kind: Kind, _ message: String, file: String, path: String? = nil, line: Int? = nil, column: Int? = nil, hint: String? = nil
  ) {
    self.kind = kind
    self.message = message
    self.file = file
    self.path = path
    self.line = line
    self.column = column
    self.hint = hint
  }

  /// `file:line:column`, as compilers and editors write it.
  package var sourceLocation: String {
    var text = file
    if let line { text += ":\(line)" }
    if line != nil, let column { text += ":\(column)" }
    return text
  }
}

extension DatasetError: CustomStringConvertible {
  /// Location, message and hint in one line.
  package var description: String {
    var text = "\(sourceLocation): "
    if let path, !path.isEmpty { text += "\(path): " }
    text += message
    if let hint { text += " – \(hint)" }
    return text
  }
}
