/// How the CSV is written. Line ends need no property: LF, CRLF and CR are all read.
public struct Dialect: Sendable, Equatable {
  /// Whether matching headers counts their case.
  public enum HeaderCase: Sendable { case counts, ignored }
  /// What `fieldsMatch` of the schema asks of the header.
  public enum HeaderMatch: Sendable {
    /// The described columns, in any order; others are passed over and reported.
    case subset
    /// The described columns and no other, in any order.
    case equal
    /// The described columns and no other, in the order of the description.
    case exact
  }

  /// What files are delimited by, the likelier first.
  static let delimiters = [UInt8(ascii: ","), UInt8(ascii: ";"), 0x09, UInt8(ascii: "|")]

  public var delimiter: UInt8 = UInt8(ascii: ",")
  public var quote: UInt8? = UInt8(ascii: "\"")
  public var comment: UInt8?
  /// False: the file has no header line, columns stand in the order of the description.
  public var hasHeader = true
  public var skipInitialSpace = false
  public var headerCase = HeaderCase.counts
  public var headerMatch = HeaderMatch.subset

  public init() {}
}
