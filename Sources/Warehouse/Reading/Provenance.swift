/// Where rows came from, and when.
public struct Provenance: Sendable, Equatable {
  public enum Kind: String, Sendable, Equatable {
    case csv
    /// The rows that netflix-consumer landed.
    case landed = "postgres"
  }

  public let kind: Kind
  /// A file, or `user@host:port/database table`; never a password.
  public let place: String
  /// Rows that were read.
  public let rows: Int
  /// When they became what is shown: the last change of the warehouse, or the landing of the newest row. ISO 8601, UTC; nil where nobody knows.
  public let time: String?

  public init(kind: Kind, place: String, rows: Int, time: String? = nil) {
    self.kind = kind
    self.place = place
    self.rows = rows
    self.time = time
  }
}
