/// The rows of a query, as the text the server sent.
public struct PostgresRows: Sendable, Equatable {
  public let columns: [String]
  public let rows: [[String?]]
  /// Rows that an INSERT, UPDATE, DELETE or MERGE touched; for a SELECT, rows returned.
  public let affected: Int

  /// The only value of the first row, nil if there is no row or the value is NULL.
  public var value: String? { rows.first.flatMap { $0.first ?? nil } }
}

extension PostgresRows: RandomAccessCollection {
  public var startIndex: Int { rows.startIndex }
  public var endIndex: Int { rows.endIndex }
  public subscript(index: Int) -> [String?] { rows[index] }
}
