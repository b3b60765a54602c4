import Dataset
import Postgres
import SQLite
import Support

/// Loads a warehouse from a source: `netflix etl`.
///
/// It is one transaction: readers see the old warehouse or the new one. Running it again on the same rows changes nothing. Rows go through a temporary
/// table in the target database, so memory use does not depend on their number.
package enum StarSchemaLoader {
  /// The result of a run.
  package struct Outcome: Sendable, Equatable {
    /// Where the rows came from.
    package let provenance: Provenance
    /// Rows that were replaced by a later row of the same date.
    package let superseded: Int
    /// Rows of `dim_date`.
    package let dates: Int
    /// Rows of `dim_region`.
    package let regions: Int
    /// Rows of the fact table.
    package let facts: Int
  }

  /// - Throws: `.layout` if the description has no star, or one without a row per date. Nothing has been opened or created then.
  package static func check(_ resource: Resource) throws { _ = try resource.requireStar() }

  /// From a CSV into a SQLite file.
  /// - Parameter replacesOther: whether the warehouse of another dataset is replaced; otherwise it is an error. The same in the three other
  ///   functions.
  /// - Throws: `WarehouseError` for rows that the star cannot hold, with the line, or another dataset's warehouse; else the error of the
  ///   reader or of SQLite. Nothing is changed then.
  @discardableResult
  package static func run(_ rows: some RowSource, into database: SQLiteDatabase, replacesOther: Bool = false) throws -> Outcome {
    try SQLiteStarLoader(database: database, resource: rows.resource, replacesOther: replacesOther).run { stage in
      try rows.forEachRow { row, line in
        do { try stage.add(row) } catch let error as WarehouseError { throw placed(error, rows.sourceName, line) }
      }
      return Provenance(kind: .csv, location: rows.sourceName, rows: stage.rows)
    }
  }

  /// From a CSV into Postgres.
  ///
  /// - Throws: as into SQLite, with the errors of Postgres.
  @discardableResult
  package static func run(_ rows: some RowSource, into connection: PostgresConnection, replacesOther: Bool = false) throws -> Outcome {
    try PostgresStarLoader(connection: connection, resource: rows.resource, replacesOther: replacesOther).run(rows)
  }

  /// From the landed rows into tables beside them.
  @discardableResult
  package static func run(
    landedIn connection: PostgresConnection, table: String, resource: Resource, replacesOther: Bool = false
  ) throws -> Outcome {
    try PostgresStarLoader(connection: connection, resource: resource, replacesOther: replacesOther).run(landedTable: table)
  }

  /// From the landed rows into a SQLite file.
  @discardableResult
  package static func run(
    landedIn connection: PostgresConnection, table: String, resource: Resource, into database: SQLiteDatabase,
    replacesOther: Bool = false, progress: (Int) -> Void = { _ in }
  ) throws -> Outcome {
    try SQLiteStarLoader(database: database, resource: resource, replacesOther: replacesOther).run { stage in
      let source = try StarSQL(PostgresSession(connection: connection), resource)
      try connection.forEachRow(try RawTable.rows(table, source, connection)) { row in
        try stage.add(row)
        if stage.rows & 0xfff == 0 { progress(stage.rows) }
      }
      return Provenance(kind: .landed, location: "\(connection.endpoint) \(table)", rows: stage.rows)
    }
  }

  private static func placed(_ error: WarehouseError, _ file: String, _ line: Int) -> WarehouseError {
    WarehouseError(error.kind, "\(file):\(line): \(error.message)", hint: error.hint)
  }
}

/// The table of landed rows.
enum RawTable {
  /// The table's quoted name. Throws `.missing` if it does not exist, since nothing has landed yet.
  static func requireTable(_ table: String, _ connection: PostgresConnection) throws -> String {
    let quoted = try connection.quoteTable(table)
    guard try connection.query("SELECT to_regclass($1)", [quoted]).firstValue != nil else {
      throw WarehouseError(
        .missing, "\(connection.endpoint) has no table \(table)", hint: "land rows first: netflix-consumer --exit-at-end")
    }
    return quoted
  }

  /// A SELECT of the landed rows, one per date.
  ///
  /// - Throws: `.layout` if rows of one date differ and the date is not the key. (A row that was published twice may have landed twice.)
  static func rows(_ table: String, _ sql: StarSQL, _ connection: PostgresConnection) throws -> String {
    let quoted = try requireTable(table, connection)
    let column = sql.resource.fields[sql.star.date].column
    let name = try sql.quoteIdentifier(column)
    let outside = "SELECT \(name) FROM \(quoted) WHERE \(name) NOT BETWEEN '0001-01-01' AND '9999-12-31' ORDER BY 1 LIMIT 1"
    if let row = try connection.query(outside).first, let date = row[0] {
      throw WarehouseError(
        .data, "\(connection.endpoint) \(table): \(name) is \(date), which is outside the years 1 to 9999",
        hint: "correct the row in the table")
    }
    if sql.resource.isKeyedByDate {
      let unique = """
        SELECT 1 FROM pg_index JOIN pg_attribute ON attrelid = indrelid AND attnum = indkey[0]
        WHERE indrelid = to_regclass($1) AND indisunique AND indisvalid AND indnkeyatts = 1 AND indpred IS NULL AND attname = $2
        """
      return try sql.landedRows(table: quoted, isUnique: connection.query(unique, [quoted, column]).first != nil)
    }
    let names = try sql.resource.fields.map { try sql.quoteIdentifier($0.column) }.joined(separator: ", ")
    let date = try sql.quoteIdentifier(column)
    let several = "SELECT \(date) FROM \(quoted) GROUP BY 1 HAVING count(DISTINCT ROW(\(names))) > 1 ORDER BY 1 LIMIT 1"
    if let row = try connection.query(several).first, let date = row[0] { throw sql.resource.severalRows(date) }
    return try sql.landedRows(table: quoted, isUnique: false)
  }
}

/// Loads the warehouse in Postgres.
struct PostgresStarLoader {
  let connection: PostgresConnection
  let resource: Resource
  private let replacesOther: Bool
  private let session: PostgresSession
  private let sql: StarSQL

  init(connection: PostgresConnection, resource: Resource, replacesOther: Bool) throws {
    self.connection = connection
    self.resource = resource
    self.replacesOther = replacesOther
    session = PostgresSession(connection: connection)
    sql = try StarSQL(session, resource)
  }

  func run(_ rows: some RowSource) throws -> StarSchemaLoader.Outcome {
    try transaction {
      let count = try copy(rows)
      let date = try date
      if let line = try session.value("SELECT min(csv_line) FROM etl_incoming WHERE \(date) IS NULL") {
        throw WarehouseError(.data, "\(rows.sourceName):\(line): a row without a date")
      }
      if !resource.isKeyedByDate,
        let row = try session.row(
          "SELECT \(date), max(csv_line) FROM etl_incoming GROUP BY 1 HAVING count(*) > 1 ORDER BY 1 LIMIT 1")
      {
        let error = resource.severalRows(row[0] ?? "")
        throw WarehouseError(error.kind, "\(rows.sourceName):\(row[1] ?? ""): \(error.message)", hint: error.hint)
      }
      try session.run(
        "CREATE TEMP TABLE etl_stage ON COMMIT DROP AS SELECT DISTINCT ON (\(date)) * FROM etl_incoming ORDER BY \(date), csv_line DESC")
      let staged = try stagedRows()
      return (Provenance(kind: .csv, location: rows.sourceName, rows: count), count - staged)
    }
  }

  func run(landedTable table: String) throws -> StarSchemaLoader.Outcome {
    try transaction {
      try session.run("CREATE TEMP TABLE etl_stage ON COMMIT DROP AS \(try RawTable.rows(table, sql, connection))")
      if try session.value("SELECT 1 FROM etl_stage WHERE \(date) IS NULL LIMIT 1") != nil {
        throw WarehouseError(.data, "a landed row without a date")
      }
      return (Provenance(kind: .landed, location: "\(connection.endpoint) \(table)", rows: try stagedRows()), 0)
    }
  }

  private func transaction(_ fill: () throws -> (Provenance, superseded: Int)) throws -> StarSchemaLoader.Outcome {
    // An earlier run in this session may have left these tables.
    try session.run("DROP TABLE IF EXISTS pg_temp.etl_stage, pg_temp.etl_incoming")
    return try connection.transaction { _ in
      let (provenance, superseded) = try fill()
      // Only one run at a time from here on: two would wait for each other's row locks.
      try lock()
      try session.run("ANALYZE etl_stage")
      try checkScales()
      let tables = WarehouseTables(session: session, sql: sql, replacesOther: replacesOther)
      try tables.refresh(from: "etl_stage")
      try tables.recordProvenance(provenance)
      try session.run("NOTIFY netflix_warehouse")
      return try tables.outcome(provenance, superseded: superseded)
    }
  }

  private func copy(_ rows: some RowSource) throws -> Int {
    let columns = try sql.usedFields.map { field in
      let type = field == sql.star.date ? "date" : sql.metric(ofField: field).map(sql.isInteger) == true ? "bigint" : "numeric"
      return "\(try sql.quoteIdentifier(resource.fields[field].column)) \(type)"
    }
    try session.run("CREATE TEMP TABLE etl_incoming (csv_line bigint, \(columns.joined(separator: ", "))) ON COMMIT DROP")
    return try connection.copy(rows, fields: sql.usedFields, into: "etl_incoming") { _, line in line }
  }

  private var date: String { get throws { try sql.quoteIdentifier(resource.fields[sql.star.date].column) } }

  private func stagedRows() throws -> Int { try session.value("SELECT count(*) FROM etl_stage").flatMap { Int($0) } ?? 0 }

  private func lock() throws {
    // An arbitrary number that is unlikely to collide with the advisory locks of other programs.
    try session.run("SET LOCAL lock_timeout = '60s'; SELECT pg_advisory_xact_lock(7233471998)")
  }

  /// Throws `.data` for a value with more decimal places than its column: numeric(38, 2) would round it silently.
  private func checkScales() throws {
    for field in sql.usedFields.dropFirst() {
      guard let metric = sql.metric(ofField: field), !sql.isInteger(metric), let places = sql.star.metrics[metric].decimals else {
        continue
      }
      let column = try sql.quoteIdentifier(resource.fields[field].column)
      let date = try date
      guard let row = try session.row("SELECT \(date), \(column) FROM etl_stage WHERE min_scale(\(column)) > \(places) LIMIT 1") else {
        continue
      }
      throw WarehouseError(
        .data, "\((row[0]) ?? ""): \(resource.fields[field].column): \(row[1] ?? "") has more than \(places) decimal places",
        hint: "raise \"decimals\" of the field in the description, or correct the value")
    }
  }
}

/// Loads the warehouse in a SQLite file.
struct SQLiteStarLoader {
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
    let provenance = try fill(stage)
    try stage.finish()
    // With a write-ahead log, readers still see the old rows while this transaction is open, however large it is. A reader inside a
    // transaction prevents the change of mode; then the file's lock makes readers wait instead.
    attempt("PRAGMA journal_mode = WAL", seconds: 2)
    return try database.transaction {
      try tables.refresh(from: SQLiteStagingTable.name)
      try tables.recordProvenance(provenance)
      return try tables.outcome(provenance, superseded: stage.superseded)
    }
  }

  private func attempt(_ sql: String, seconds: Double) {
    let configuredBusySeconds = database.busySeconds
    database.busySeconds = seconds
    try? database.execute(sql)
    database.busySeconds = configuredBusySeconds
  }
}

/// A temporary table on disk that stages rows for SQLite: one per date, with numbers as integers of their smallest unit.
final class SQLiteStagingTable {
  static let name = "temp.etl_stage"
  private let database: SQLiteDatabase
  private let sql: StarSQL
  private let insert: SQLiteStatement
  private let fields: [Int]
  /// For each field in `fields` the decimal places of its metric.
  private let scales: [Int]
  private(set) var rows = 0
  /// Rows that were replaced by a later row of the same date; valid after `finish`.
  private(set) var superseded = 0

  init(database: SQLiteDatabase, sql: StarSQL) throws {
    self.database = database
    self.sql = sql
    fields = sql.usedFields
    scales = fields.map { field in sql.metric(ofField: field).flatMap { sql.star.metrics[$0].decimals } ?? 0 }
    let columns = try fields.map { try sql.quoteIdentifier(sql.resource.fields[$0].column) }
    // On disk, not in memory, regardless of SQLite's build options.
    try database.execute("PRAGMA temp_store = FILE; DROP TABLE IF EXISTS \(Self.name)")
    try database.execute(
      "CREATE TABLE \(Self.name) (\(columns[0]) TEXT PRIMARY KEY, \(columns.dropFirst().map { $0 + " INTEGER" }.joined(separator: ", "))) "
        + "WITHOUT ROWID")
    let insertion = sql.resource.isKeyedByDate ? "INSERT OR REPLACE" : "INSERT"
    insert = try database.prepare("\(insertion) INTO \(Self.name) VALUES (\(columns.map { _ in "?" }.joined(separator: ", ")))")
    try database.execute("BEGIN")
  }

  /// Adds a row of a CSV.
  func add(_ row: Row) throws {
    guard row.cells[fields[0]].kind == .date else { throw WarehouseError(.data, "a row without a date") }
    try insert.bind(0, .text(Day(row.cells[fields[0]].payload).iso))
    for (index, field) in fields.enumerated().dropFirst() {
      try bind(index, try FixedDecimal.of(row.cells[field], in: row))
    }
    do throws(SQLiteError) {
      try run()
    } catch {
      guard error.kind == .constraint else { throw error }
      throw sql.resource.severalRows(Day(row.cells[fields[0]].payload).iso)
    }
  }

  /// Adds a landed row, its columns in the order of `usedFields`.
  func add(_ row: PostgresRowView) throws {
    guard let date = row[0] else { throw WarehouseError(.data, "a landed row without a date") }
    try insert.bind(0, .text(date))
    for index in fields.indices.dropFirst() {
      guard let bytes = row.bytes(index) else {
        try bind(index, nil)
        continue
      }
      guard let amount = FixedDecimal(bytes) else { throw tooLarge(index, String(decoding: bytes, as: UTF8.self), date) }
      try bind(index, amount)
    }
    try run()
  }

  func finish() throws {
    try database.execute("COMMIT")
    superseded = rows - Int(try database.integer("SELECT count(*) FROM \(Self.name)"))
  }

  func drop() {
    if database.isInTransaction { try? database.execute("ROLLBACK") }
    try? database.execute("DROP TABLE IF EXISTS \(Self.name)")
  }

  private func bind(_ index: Int, _ amount: FixedDecimal?) throws {
    guard let amount else { return try insert.bind(index, .null) }
    guard let exact = amount.rescaled(to: scales[index]) else { throw tooLarge(index, amount.text, nil) }
    try insert.bind(index, integer: exact.unscaled)
  }

  private func run() throws(SQLiteError) {
    try insert.run()
    rows += 1
  }

  private func tooLarge(_ index: Int, _ value: String, _ date: String?) -> WarehouseError {
    let column = sql.resource.fields[fields[index]].column
    return WarehouseError(
      .data, "\(date.map { $0 + ": " } ?? "")\(column): \(value) is not a number of \(scales[index]) decimal places within 64 bits",
      hint: scales[index] > 0 ? "raise \"decimals\" of the field in the description, or fix the value" : "fix the value")
  }
}

/// Writes cells in COPY's text format to a buffer that is reused.
struct CopyText {
  var bytes: [UInt8] = []

  static let tab = UInt8(ascii: "\t")
  static let newline = UInt8(ascii: "\n")

  /// Appends a number, such as the row's line.
  mutating func append(_ number: Int) { bytes += String(number).utf8 }

  /// Appends a cell: NULL as `\N`, text with COPY's escapes, everything else as ISO 8601 or plain digits, which need no escapes.
  mutating func append(_ field: Int, of row: Row) {
    let cell = row.cells[field]
    switch cell.kind {
    case .null: bytes += [UInt8(ascii: "\\"), UInt8(ascii: "N")]
    case .text: appendEscaped(row.text[cell.range])
    default: row.appendText(of: field, to: &bytes)
    }
  }

  private mutating func appendEscaped(_ text: ArraySlice<UInt8>) {
    for byte in text {
      switch byte {
      case UInt8(ascii: "\\"): bytes += [byte, byte]
      case Self.tab: bytes += [UInt8(ascii: "\\"), UInt8(ascii: "t")]
      case Self.newline: bytes += [UInt8(ascii: "\\"), UInt8(ascii: "n")]
      case UInt8(ascii: "\r"): bytes += [UInt8(ascii: "\\"), UInt8(ascii: "r")]
      default: bytes.append(byte)
      }
    }
  }
}
