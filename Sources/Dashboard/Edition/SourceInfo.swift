/// The source of the rows: a CSV, a SQLite file made by `netflix etl`, or the rows that landed in Postgres.
struct SourceInfo: Sendable, Equatable {
  enum Kind: String, Sendable { case csv, sqlite, postgres }

  let kind: Kind
  /// The file, or the database and table, without a password.
  let place: String
}
