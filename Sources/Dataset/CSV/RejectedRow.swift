/// A record that cannot be a row.
public struct RejectedRow: Sendable, Equatable {
  /// 1-based line of the file where the fault is.
  public let line: Int
  /// 1-based character (Unicode scalar) in that line where the cell at fault begins.
  public let column: Int
  public let reason: RejectReason
  /// The record's bytes as they came, without its line end.
  public let original: [UInt8]

  public init(line: Int, column: Int, reason: RejectReason, original: [UInt8]) {
    self.line = line
    self.column = column
    self.reason = reason
    self.original = original
  }
}
