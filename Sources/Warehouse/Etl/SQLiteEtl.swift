import Dataset
import SQLite

/// Loads the warehouse in a SQLite file.
struct SQLiteEtl {
  let database: SQLiteDatabase
  let resource: Resource
  let replacesOther: Bool

  func run(_ fill: (SQLiteStagingTable) throws -> Provenance) throws -> StarSchemaLoader.Outcome {
    let session = SQLiteSession(database: database)
    let sql = try StarSQL(session, resource)
    let tables = WarehouseTables(session: session, sql: sql, replacesOther: replacesOther)
    let stage = try SQLiteStagingTable(database: database, sql: sql)
    defer {
      stage.drop()
      // Merge the log into one file unless another connection is reading; do not wait for it.
      attempt("PRAGMA wal_checkpoint(TRUNCATE)", seconds: 0)
      attempt("PRAGMA journal_mode = DELETE", seconds: 0)
    }
    let origin = try fill(stage)
    try stage.finish()
    // With a write-ahead log, readers still see the old rows while this transaction is open, however large it is. A reader inside a
    // transaction prevents the change of mode; then the file's lock makes readers wait instead.
    attempt("PRAGMA journal_mode = WAL", seconds: 2)
    return try database.transaction {
      try tables.refresh(from: SQLiteStagingTable.name)
      try tables.note(origin)
      return try tables.outcome(origin, superseded: stage.superseded)
    }
  }

  private func attempt(_ sql: String, seconds: Double) {
    let patience = database.busySeconds
    database.busySeconds = seconds
    try? database.execute(sql)
    database.busySeconds = patience
  }
}
