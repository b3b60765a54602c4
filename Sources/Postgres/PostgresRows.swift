/// The rows of a query in text format, as the server sent them.
public struct PostgresRows: Sendable, Equatable {
  /// The names of the columns.
  public let columns: [String]
  /// One value per column for each row; nil for NULL.
  public let rows: [[String?]]
  /// Number of rows that an INSERT, UPDATE, DELETE or MERGE affected; for a SELECT, the number of rows returned.
  public let affected: Int

  /// The first value of the first row; nil if there is no row or the value is NULL.
  public var value: String? { rows.first.flatMap { $0.first ?? nil } }
}

extension PostgresRows: RandomAccessCollection {
  /// Always 0.
  public var startIndex: Int { rows.startIndex }
  /// The number of rows.
  public var endIndex: Int { rows.endIndex }
  /// The values of one row.
  public subscript(index: Int) -> [String?] { rows[index] }
}
