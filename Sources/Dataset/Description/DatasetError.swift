/// What is wrong with a description or a file, where, and what to do about it.
public struct DatasetError: Error, Sendable, Equatable {
  public enum Kind: Sendable {
    /// The description breaks the standard or contradicts itself (exit 78).
    case invalidDescription
    /// The description asks for something that changes parsing or validity and that we do not do (exit 78).
    case unsupportedDescription
    /// The file is not what its description says (exit 65).
    case data
  }

  public let kind: Kind
  public let message: String
  public let file: String
  /// The place inside the description, as `resources[0].schema.fields[3].type`.
  public let path: String?
  /// 1-based line of the file.
  public let line: Int?
  /// 1-based character (Unicode scalar) of the line; a byte-order mark does not count.
  public let column: Int?
  public let advice: String?

  public init(
    _ kind: Kind, _ message: String, file: String, path: String? = nil, line: Int? = nil, column: Int? = nil, advice: String? = nil
  ) {
    self.kind = kind
    self.message = message
    self.file = file
    self.path = path
    self.line = line
    self.column = column
    self.advice = advice
  }

  /// `file:line:column` as compilers and editors write it.
  public var place: String {
    var text = file
    if let line { text += ":\(line)" }
    if line != nil, let column { text += ":\(column)" }
    return text
  }
}

extension DatasetError: CustomStringConvertible {
  public var description: String {
    var text = "\(place): "
    if let path, !path.isEmpty { text += "\(path): " }
    text += message
    if let advice { text += " – \(advice)" }
    return text
  }
}
