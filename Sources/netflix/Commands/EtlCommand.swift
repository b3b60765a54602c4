import CommonOptions
import Console
import Dataset
import Glibc
import Postgres
import SQLite
import Support
import Warehouse

struct EtlCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Build the star schema in SQLite or Postgres, from the CSV or the landed rows.",
    discussion: """
      Unpivots the regional columns into facts: dim_date, dim_region and fact_revenue_subscribers, with views for BI tools: v_wide (all \
      tables joined) and v_revenue, v_memberships, v_arpu (one row per date, one column per region). It runs in one transaction: readers see \
      the old warehouse or the new one. A second run on the same rows changes nothing.

      EXIT STATUS
        0 done                         64 usage                             65 invalid rows, with the location of the first
        66 no CSV, description or rows 69 Postgres not reachable            73 the file cannot be written
        77 login or permission denied  78 the description is invalid, or the target has another dataset
      """,
    examples: [
      .init("From the CSV into data/netflix.db", "netflix etl"),
      .init("From another CSV, with its description beside it, into sales.db", "netflix etl sales.csv"),
      .init("From the landed rows into tables beside them", "netflix etl --from postgres --to postgres"),
      .init("Into a file of another name", "netflix etl --sqlite /tmp/warehouse.db"),
      .init("Query it", "sqlite3 data/netflix.db 'SELECT * FROM v_arpu'"),
    ])

  enum Source: String, CaseIterable, ExpressibleByArgument { case csv, postgres }
  enum Target: String, CaseIterable, ExpressibleByArgument { case sqlite, postgres }

  @Option(help: ArgumentHelp("The CSV, or the rows that landed in Postgres.", valueName: "SOURCE"), environment: "NETFLIX_FROM")
  var from = Source.csv

  @OptionGroup(title: "Rows") var rows: RowsOptions

  @Option(help: ArgumentHelp("The SQLite file of --sqlite, or the Postgres database of --database.", valueName: "TARGET"))
  var to = Target.sqlite

  @Flag(help: "Replace the warehouse of another dataset in the target.")
  var replace = false

  @OptionGroup var output: OutputOptions

  mutating func validate() throws {
    if rows.csv != nil, from != .csv {
      // The command line goes before the environment.
      guard $from.source != .commandLine else { throw CommandError(.usage, "--csv names a file, and --from \(from.rawValue) reads none") }
      from = .csv
    }
    try checkUse(of: rows.$sqlite, "--sqlite", to == .sqlite, for: "--to sqlite")
    try checkUse(of: rows.$table, "--table", from == .postgres, for: "--from postgres")
    try checkUse(of: rows.access.database.$database, "--database", from == .postgres || to == .postgres, for: "--from or --to postgres")
  }

  mutating func run() throws {
    let resource = try rows.loadResource()
    try Warehouse.StarSchemaLoader.check(resource)
    let start = ContinuousClock.now
    let outcome = try load(resource)
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    if outcome.superseded > 0 {
      output.log.warning(
        "\(counted(outcome.superseded, "row")) \(outcome.superseded == 1 ? "was" : "were") replaced by a later row of the same date")
    }
    let target = to == .sqlite ? rows.sqliteFile(of: resource) : "Postgres"
    output.log.info(
      "\(counted(outcome.provenance.rows, "row")) of \(outcome.provenance.location) → \(target): \(counted(outcome.dates, "date")), "
        + "\(counted(outcome.regions, "region")), \(counted(outcome.facts, "fact"))"
    )
    guard output.json else { return }
    var summary = JSONSummary()
    summary.add("dataset", resource.name)
    summary.add("from", from.rawValue)
    summary.add("to", to.rawValue)
    summary.add("rows", outcome.provenance.rows)
    summary.add("superseded", outcome.superseded)
    summary.add("dates", outcome.dates)
    summary.add("regions", outcome.regions)
    summary.add("facts", outcome.facts)
    summary.add("seconds", seconds: seconds)
    try summary.write()
  }

  private typealias Outcome = Warehouse.StarSchemaLoader.Outcome

  private func load(_ resource: Resource) throws -> Outcome {
    switch (from, to) {
    case (.postgres, .postgres): try landedToPostgres(resource)
    case (.postgres, .sqlite): try landedToFile(resource)
    case (_, .postgres): try csvToPostgres(resource)
    case (_, .sqlite): try csvToFile(resource)
    }
  }

  private func landedToPostgres(_ resource: Resource) throws -> Outcome {
    let connection = try connect()
    defer { connection.close() }
    return try Warehouse.StarSchemaLoader.run(
      landedIn: connection, table: rows.table ?? resource.table, resource: resource, replacesOther: replace)
  }

  private func landedToFile(_ resource: Resource) throws -> Outcome {
    let connection = try connect()
    defer { connection.close() }
    return try intoFile(resource) { file in
      try Warehouse.StarSchemaLoader.run(
        landedIn: connection, table: rows.table ?? resource.table, resource: resource, into: file, replacesOther: replace)
    }
  }

  private func csvToPostgres(_ resource: Resource) throws -> Outcome {
    let csv = try CSVFile(rows.csvFile(of: resource), log: output.log)
    let connection = try connect()
    defer { connection.close() }
    return try Warehouse.StarSchemaLoader.run(csv.rows(resource), into: connection, replacesOther: replace)
  }

  private func csvToFile(_ resource: Resource) throws -> Outcome {
    let csv = try CSVFile(rows.csvFile(of: resource), log: output.log)
    return try intoFile(resource) { file in
      try Warehouse.StarSchemaLoader.run(csv.rows(resource), into: file, replacesOther: replace)
    }
  }

  /// If the run fails, a file it created is deleted; an existing file is unchanged.
  private func intoFile(_ resource: Resource, _ body: (SQLiteDatabase) throws -> Outcome) throws -> Outcome {
    let path = rows.sqliteFile(of: resource)
    try AtomicFile.rejectForeignSymlink(path)
    // A signal ends the work, not the process, so that a new file is removed.
    Signals.install()
    let isNew = access(path, F_OK) != 0
    let file = try openFile(path)
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
    try rows.access.open(applicationName: "netflix etl", log: output.log)
  }

  private func openFile(_ path: String) throws -> SQLiteDatabase {
    do throws(SQLiteError) {
      return try SQLiteDatabase(path, .create)
    } catch {
      guard error.kind == .cannotOpen else { throw error }
      throw CommandError(.cannotCreate, "\(error)", hint: "Name a file in a folder that is there and can be written: --sqlite FILE.")
    }
  }
}
