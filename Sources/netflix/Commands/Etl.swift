import CommonOptions
import Console
import Dataset
import Glibc
import Postgres
import SQLite
import Warehouse

struct Etl: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "makes the star schema, from the CSV or the landed rows, in SQLite or Postgres",
    discussion: """
      Folds the regional columns into facts: dim_date, dim_region and fact_revenue_subscribers, with views for tools that draw: v_wide (all \
      of it joined) and v_revenue, v_memberships, v_arpu (a date a row, a region a column). One transaction: readers see the old warehouse \
      or the new one. Run again on the same rows it changes nothing.

      EXIT STATUS
        0 done                         64 usage                             65 rows that do not fit, with the place
        66 no CSV, description, rows   69 Postgres not reachable            73 the file cannot be written
        77 password or right refused   78 description unfit, or tables of the same names are somebody else's
      """,
    examples: [
      .init("From the CSV into data/netflix.db", "netflix etl"),
      .init("From the landed rows into tables beside them", "netflix etl --from postgres --to postgres"),
      .init("Into a file of another name", "netflix etl --sqlite /tmp/warehouse.db"),
      .init("Look at it", "sqlite3 data/netflix.db 'SELECT * FROM v_arpu'"),
    ])

  enum Target: String, CaseIterable, ExpressibleByArgument { case sqlite, postgres }

  @OptionGroup(title: "Rows") var rows: SnapshotOptions

  @Option(help: "Where the warehouse goes: the file --sqlite names, or the database.")
  var to = Target.sqlite

  @OptionGroup var said: OutputOptions

  mutating func validate() throws {
    if rows.from == .sqlite {
      throw Failure(.usage, "--from sqlite is what etl makes", advice: "Read the CSV (--from csv) or the landed rows (--from postgres).")
    }
  }

  mutating func run() throws {
    let resource = try rows.described()
    let start = ContinuousClock.now
    let outcome = try load(resource)
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    if outcome.superseded > 0 { said.log.warning("\(outcome.superseded) rows were replaced by a later row of the same date") }
    let place = to == .sqlite ? rows.sqlite : "Postgres"
    said.log.info(
      "\(outcome.origin.rows) rows of \(outcome.origin.place) → \(place): \(outcome.dates) dates, \(outcome.regions) regions, \(outcome.facts) facts"
    )
    guard said.json else { return }
    var summary = Summary()
    summary.add("dataset", resource.name)
    summary.add("from", rows.from.rawValue)
    summary.add("to", to.rawValue)
    summary.add("rows", outcome.origin.rows)
    summary.add("superseded", outcome.superseded)
    summary.add("dates", outcome.dates)
    summary.add("regions", outcome.regions)
    summary.add("facts", outcome.facts)
    summary.add("seconds", seconds: seconds)
    try summary.write()
  }

  private typealias Outcome = Warehouse.Etl.Outcome

  private func load(_ resource: Resource) throws -> Outcome {
    switch (rows.from, to) {
    case (.postgres, .postgres): try landedToPostgres(resource)
    case (.postgres, .sqlite): try landedToFile(resource)
    case (_, .postgres): try csvToPostgres(resource)
    case (_, .sqlite): try csvToFile(resource)
    }
  }

  private func landedToPostgres(_ resource: Resource) throws -> Outcome {
    let connection = try connect()
    defer { connection.close() }
    return try Warehouse.Etl.run(landedIn: connection, table: rows.table ?? resource.table, resource: resource)
  }

  private func landedToFile(_ resource: Resource) throws -> Outcome {
    let connection = try connect()
    defer { connection.close() }
    return try intoFile { file in
      try Warehouse.Etl.run(landedIn: connection, table: rows.table ?? resource.table, resource: resource, into: file)
    }
  }

  private func csvToPostgres(_ resource: Resource) throws -> Outcome {
    let csv = try OpenedCSV(rows.csvFile(of: resource), log: said.log)
    let connection = try connect()
    defer { connection.close() }
    return try Warehouse.Etl.run(csv.rows(resource, keepBad: false), into: connection)
  }

  private func csvToFile(_ resource: Resource) throws -> Outcome {
    let csv = try OpenedCSV(rows.csvFile(of: resource), log: said.log)
    return try intoFile { file in try Warehouse.Etl.run(csv.rows(resource, keepBad: false), into: file) }
  }

  /// A file that this run makes and cannot fill does not stay; one that was there is as it was.
  private func intoFile(_ body: (SQLiteDatabase) throws -> Outcome) throws -> Outcome {
    try WholeFile.refuseForeignLink(rows.sqlite)
    let isNew = access(rows.sqlite, F_OK) != 0
    let file = try openFile()
    do {
      defer { file.close() }
      return try body(file)
    } catch {
      if isNew {
        for suffix in ["", "-wal", "-shm", "-journal"] { unlink(file.resolvedPath + suffix) }
      } else {
        SQLiteDatabase.endWriteAheadLog(of: file.resolvedPath)
      }
      throw error
    }
  }

  private func connect() throws -> PostgresConnection {
    try rows.access.open(applicationName: "netflix etl", log: said.log)
  }

  private func openFile() throws -> SQLiteDatabase {
    do throws(SQLiteError) {
      return try SQLiteDatabase(rows.sqlite, .create)
    } catch {
      guard error.kind == .cannotOpen else { throw error }
      throw Failure(.cannotCreate, "\(error)", advice: "--sqlite names a file in a folder that is there and can be written.")
    }
  }
}
