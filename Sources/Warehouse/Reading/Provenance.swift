/// The source of rows, and their time.
public struct Provenance: Sendable, Equatable {
  /// The kinds of sources.
  public enum Kind: String, Sendable, Equatable {
    case csv
    /// Rows landed by netflix-consumer.
    case landed = "postgres"
  }

  /// The kind of the source.
  public let kind: Kind
  /// A file, or `user@host:port/database table`; never a password.
  public let place: String
  /// Rows read.
  public let rows: Int
  /// The time of the data in ISO 8601, UTC: the last change of the warehouse, or the landing of the newest row; nil if unknown.
  public let time: String?

  /// Creates a provenance; the parameters are the properties above.
  public init(kind: Kind, place: String, rows: Int, time: String? = nil) {
    self.kind = kind
    self.place = place
    self.rows = rows
    self.time = time
  }
}
