/// The CSV's format. Line ends need no property: LF, CRLF and CR are all read.
public struct Dialect: Sendable, Equatable {
  /// Whether headers are compared with their case.
  public enum HeaderCase: Sendable { case counts, ignored }
  /// The schema's `fieldsMatch`: how the header must match the described columns.
  public enum HeaderMatch: Sendable {
    /// The described columns, in any order; others are skipped and reported.
    case subset
    /// The described columns and no others, in any order.
    case equal
    /// The described columns and no others, in the order of the description.
    case exact
  }

  /// Common delimiters, the most likely first.
  static let delimiters = [UInt8(ascii: ","), UInt8(ascii: ";"), 0x09, UInt8(ascii: "|")]

  /// The byte between two cells.
  public var delimiter: UInt8 = UInt8(ascii: ",")
  /// The byte around quoted cells; nil if cells are never quoted.
  public var quote: UInt8? = UInt8(ascii: "\"")
  /// The byte at the start of a comment line; nil if there are no comments.
  public var comment: UInt8?
  /// False if the file has no header line; columns are then in the order of the description.
  public var hasHeader = true
  /// True if blanks after a delimiter are ignored.
  public var skipInitialSpace = false
  /// Whether headers are compared with their case.
  public var headerCase = HeaderCase.counts
  /// How the header must match the described columns.
  public var headerMatch = HeaderMatch.subset

  /// RFC 4180's format with a header line.
  public init() {}
}
