import Dataset
import SQLite

/// The run into a SQLite file.
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
      // One file again, where nobody reads meanwhile; nobody is waited for.
      attempt("PRAGMA wal_checkpoint(TRUNCATE)", seconds: 0)
      attempt("PRAGMA journal_mode = DELETE", seconds: 0)
    }
    let origin = try fill(stage)
    try stage.finish()
    // With a write-ahead log readers go on reading the old rows while this transaction is open, however large it is. A reader inside a
    // transaction keeps the mode from changing: then the file's own lock makes them wait instead.
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
