/// One typed value of a row. Text and long decimals are stored in the row's `text`, all other values in the cell.
public struct Cell: BitwiseCopyable, Sendable, Equatable {
  /// The type of the value, and which properties hold it.
  public enum Kind: UInt8, Sendable, BitwiseCopyable {
    case null
    /// UTF-8 at `start..<start + count` of the row's text.
    case text
    /// `payload`.
    case integer
    /// `payload` × 10^-`scale`, scale 0...18. The source's digits are kept: 16.0 has scale 1.
    case decimal
    /// Digits (with a leading `-` if negative) at `start..<start + count` of the row's text, × 10^-`scale`. The scale may be negative.
    case bigDecimal
    /// `payload` is 0 or 1.
    case boolean
    /// `payload` is days since 1970-01-01.
    case date
    /// `payload` is microseconds since 1970-01-01T00:00:00Z.
    case datetime
    /// `payload` is microseconds since midnight.
    case time
    /// `payload` is the year.
    case year
  }

  /// The value, as its kind defines; 0 for text and null.
  public var payload: Int64
  /// Offset of the value's bytes in the row's text.
  public var start: Int32
  /// Number of the value's bytes in the row's text.
  public var count: Int32
  /// Decimal places of a decimal or bigDecimal.
  public var scale: Int32
  /// The type of the value.
  public var kind: Kind

  /// Creates a cell; the parameters are the properties above.
  @inlinable
  public init(_ kind: Kind, payload: Int64 = 0, scale: Int32 = 0, start: Int32 = 0, count: Int32 = 0) {
    self.payload = payload
    self.start = start
    self.count = count
    self.scale = scale
    self.kind = kind
  }

  /// The cell without a value.
  public static let null = Cell(.null)

  /// The range of its bytes in the row's text.
  @inlinable public var range: Range<Int> { Int(start)..<Int(start) + Int(count) }
}
