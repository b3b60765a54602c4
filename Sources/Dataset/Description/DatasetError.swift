/// A fault in a description or a file, with its location and a hint.
public struct DatasetError: Error, Sendable, Equatable {
  /// What is at fault; it determines the exit status.
  public enum Kind: Sendable {
    /// The description violates the standard or contradicts itself (exit 78).
    case invalidDescription
    /// The description uses a feature that changes parsing or validity and is not supported (exit 78).
    case unsupportedDescription
    /// The file does not match its description (exit 65).
    case data
  }

  /// What is at fault.
  public let kind: Kind
  /// The fault, without its location.
  public let message: String
  /// The file's name.
  public let file: String
  /// The path inside the description, such as `resources[0].schema.fields[3].type`.
  public let path: String?
  /// 1-based line of the file.
  public let line: Int?
  /// 1-based character (Unicode scalar) of the line; a byte-order mark does not count.
  public let column: Int?
  /// How to fix the fault, if known.
  public let hint: String?

  /// Creates an error; the parameters are the properties above.
  public init(
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
  public var sourceLocation: String {
    var text = file
    if let line { text += ":\(line)" }
    if line != nil, let column { text += ":\(column)" }
    return text
  }
}

extension DatasetError: CustomStringConvertible {
  /// Location, message and hint in one line.
  public var description: String {
    var text = "\(sourceLocation): "
    if let path, !path.isEmpty { text += "\(path): " }
    text += message
    if let hint { text += " – \(hint)" }
    return text
  }
}
