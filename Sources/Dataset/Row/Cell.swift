/// One typed value of a row. Text and long decimals lie in the row's `text`; everything else is here.
public struct Cell: BitwiseCopyable, Sendable, Equatable {
  public enum Kind: UInt8, Sendable, BitwiseCopyable {
    case null
    /// UTF-8 at `start..<start + count` of the row's text.
    case text
    /// `payload`.
    case integer
    /// `payload` × 10^-`scale`, scale 0...18. The source's digits are kept: 16.0 has scale 1.
    case decimal
    /// Digits (`-` before them where negative) at `start..<start + count` of the row's text, × 10^-`scale`. The scale may be negative.
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

  public var payload: Int64
  public var start: Int32
  public var count: Int32
  public var scale: Int32
  public var kind: Kind

  @inlinable
  public init(_ kind: Kind, payload: Int64 = 0, scale: Int32 = 0, start: Int32 = 0, count: Int32 = 0) {
    self.payload = payload
    self.start = start
    self.count = count
    self.scale = scale
    self.kind = kind
  }

  public static let null = Cell(.null)

  /// Where its bytes lie in the row's text.
  @inlinable public var range: Range<Int> { Int(start)..<Int(start) + Int(count) }
}
