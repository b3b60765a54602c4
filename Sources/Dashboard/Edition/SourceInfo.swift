/// What is read: the CSV, the SQLite file that `netflix etl` made, or the rows that landed in Postgres.
struct SourceInfo: Sendable, Equatable {
  enum Kind: String, Sendable { case csv, sqlite, postgres }

  let kind: Kind
  /// The file, or the database and table; never a password.
  let place: String
}
