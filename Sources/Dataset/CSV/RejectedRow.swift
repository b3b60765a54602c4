/// A rejected record of a CSV.
public struct RejectedRow: Sendable, Equatable {
  /// 1-based line of the file that contains the fault.
  public let line: Int
  /// 1-based character (Unicode scalar) in that line where the invalid cell begins.
  public let column: Int
  /// Why the record was rejected.
  public let reason: RejectReason
  /// The record's bytes as read, without its line end.
  public let original: [UInt8]

  /// Creates a rejected record; the parameters are the properties above.
  public init(line: Int, column: Int, reason: RejectReason, original: [UInt8]) {
    self.line = line
    self.column = column
    self.reason = reason
    self.original = original
  }
}
