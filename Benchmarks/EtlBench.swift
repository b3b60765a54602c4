import Console
import DevServices
import Postgres
import Processes

/// `netflix etl` from a CSV into a new warehouse, compared with the same SQL in psql and in the sqlite3 shell, hand-written for this CSV.
struct EtlBench {
  let files: BenchFiles
  let tools: Tools
  let rows: Int
  let runs: Int

  func add(to table: inout ResultTable) throws {
    let csv = try files.csv(rows: rows)
    let few = try files.csv(rows: 10_000)
    let script = (postgres: files.folder + "/etl.sql", sqlite: files.folder + "/etl.sqlite")
    try files.write(script.postgres, EtlScript.postgres(csv))
    try files.write(script.sqlite, EtlScript.sqlite(csv))
    // As for the consumer: no checkpoint or vacuum may affect only one of two runs.
    let quiet = ["max_wal_size": "16GB", "checkpoint_timeout": "1h", "autovacuum": "off"]
    let server = try TemporaryPostgres(.socket, fast: false, settings: quiet)
    defer { server.stop() }

    let toPostgres = try rounds("etl into Postgres") {
      try empty(server)
      let run = try etl(csv, ["--to", "postgres", "--database", server.url])
      try expect(try value("SELECT count(*) FROM fact_revenue_subscribers", server))
      return run
    } beside: {
      try empty(server)
      let run = try tools.run("psql", [server.url, "-qXv", "ON_ERROR_STOP=1", "-f", script.postgres])
      try expect(try value("SELECT count(*) FROM fact_revenue_subscribers", server))
      return run
    }
    try empty(server)
    let postgresMemory = try etl(few, ["--to", "postgres", "--database", server.url]).peakMemory

    let file = files.folder + "/etl.db"
    let toFile = try rounds("etl into SQLite") {
      try files.remove(file)
      return try etl(csv, ["--sqlite", file])
    } beside: {
      try files.remove(file)
      return try tools.run("sqlite3", ["-bail", "-batch", file], input: script.sqlite)
    }
    try files.remove(file)
    let fileMemory = try etl(few, ["--sqlite", file]).peakMemory

    table.add("etl, CSV into Postgres", toPostgres, beside: "psql, same SQL", limit: nil)
    table.addMemory("etl, CSV into Postgres", small: postgresMemory, large: toPostgres.peakMemory, rows: rows)
    table.add("etl, CSV into SQLite", toFile, beside: "sqlite3, same SQL", limit: nil)
    table.addMemory("etl, CSV into SQLite", small: fileMemory, large: toFile.peakMemory, rows: rows)
  }

  private func etl(_ csv: String, _ target: [String]) throws -> ProcessResult {
    try tools.run(tools.netflix, ["etl", "--csv", csv, "--dataset", files.keyed, "-q"] + target)
  }

  private func rounds(_ name: String, ours: () throws -> ProcessResult, beside: () throws -> ProcessResult) throws -> Comparison {
    var comparison = Comparison()
    for round in 1...runs {
      let (first, second) = (try ours(), try beside())
      comparison.add(ours: first, beside: second)
      Log().info("\(name), round \(round) of \(runs): \(seconds(first.elapsed)) s beside \(seconds(second.elapsed)) s")
    }
    return comparison
  }

  private func empty(_ server: TemporaryPostgres) throws {
    try execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public", server)
    try execute("CHECKPOINT", server)
  }

  private func execute(_ sql: String, _ server: TemporaryPostgres) throws {
    let connection = try PostgresConnection.open(server.url, applicationName: "bench")
    defer { connection.close() }
    try connection.execute(sql)
  }

  private func value(_ sql: String, _ server: TemporaryPostgres) throws -> String? {
    let connection = try PostgresConnection.open(server.url, applicationName: "bench")
    defer { connection.close() }
    return try connection.query(sql).firstValue
  }

  private func expect(_ facts: String?) throws {
    guard facts == String(rows * 5) else { throw CommandError(.internal, "\(facts ?? "no") facts instead of \(rows * 5)") }
  }
}
