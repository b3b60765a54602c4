import Dataset
import DevServices
import Foundation
import HTTP
import Postgres
import SQLite
import Support
import SystemIO
import TestSupport
import Testing
import Warehouse

@testable import Dashboard

/// The dashboard with real sources: the CSV, a SQLite warehouse, and rows that land in Postgres.
@Suite struct DashboardSourcesTests {
  static let questions = [
    "/api/series?region=All&metric=sales", "/api/series?region=s,%26%22outh&metric=sales", "/api/series?region=All&metric=trees",
    "/api/growth?region=north&metric=sales", "/api/series.csv",
    "/api/forecast?region=All&metric=sales&order=0,1,1&drift=true", "/api/openapi.json",
  ]

  private let chart = ChartLibrary(bytes: Array("Chart".utf8))

  private func answers(_ server: DashboardServer) throws -> [String] {
    try Self.questions.map { try httpGet($0, port: server.port).text }
  }

  private func stream(_ server: DashboardServer) throws -> RawHTTPClient {
    let client = try RawHTTPClient(port: server.port)
    client.send("GET /api/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
    _ = try client.read(through: "\n\n")
    return client
  }

  /// Creates and fills the table like netflix-consumer.
  private func land(_ csv: String, _ connection: PostgresConnection) throws {
    try connection.execute(
      """
      CREATE TABLE IF NOT EXISTS orchard_raw (month date PRIMARY KEY, "all" numeric, north numeric, south numeric, trees bigint,
        kafka_topic text, kafka_partition integer, kafka_offset bigint, landed_at timestamptz DEFAULT '2024-02-01 00:00:00Z')
      """)
    for line in csv.split(separator: "\n").dropFirst() {
      let cells = line.split(separator: ",", omittingEmptySubsequences: false).map { $0.isEmpty ? nil : String($0) }
      _ = try connection.query(
        """
        INSERT INTO orchard_raw (month, "all", north, south, trees) VALUES ($1::date, $2::numeric, $3::numeric, $4::numeric, $5::bigint)
        ON CONFLICT (month) DO UPDATE SET "all" = EXCLUDED."all"
        """, cells)
    }
    try connection.execute("NOTIFY orchard_raw")
  }

  @Test func `a pipe or a folder instead of a CSV is an error, and the target of a link is watched`() throws {
    let folder = try Folder()
    let target = try folder.write("orchard.csv", StarFixture.csv)
    let link = folder.path + "/link.csv"
    #expect(symlink(target, link) == 0)
    let source = CSVSource(link, resource: try StarFixture.resource())
    _ = try source.read()
    try FileManager.default.removeItem(atPath: target)
    #expect(mkfifo(target, 0o600) == 0)
    #expect(try source.waitForChange(WakeupPipe()))
    let pipe = #expect(throws: WarehouseError.self) { try source.read() }
    #expect(pipe?.message.hasSuffix("is not a regular file, so it cannot be read again") == true)
    try FileManager.default.removeItem(atPath: target)
    try FileManager.default.createDirectory(atPath: target, withIntermediateDirectories: false)
    let directory = #expect(throws: WarehouseError.self) { try source.read() }
    #expect(directory?.message.hasSuffix("is a folder, not a CSV") == true)
  }

  @Test func `CSV, SQLite and Postgres give byte-identical responses`() throws {
    let resource = try StarFixture.resource()
    try withDatabase { url in
      let connection = try PostgresConnection.open(url, applicationName: "tests")
      defer { connection.close() }
      try land(StarFixture.csv, connection)
      let folder = try Folder()
      let csv = try folder.write("orchard.csv", StarFixture.csv)
      let file = folder.path + "/orchard.db"
      let database = try SQLiteDatabase(file, .create)
      try StarSchemaLoader.run(landedIn: connection, table: "orchard_raw", resource: resource, into: database)
      database.close()
      let servers = try [
        DashboardServer(csv: csv, resource: resource, chart: chart, host: "127.0.0.1", port: 0),
        DashboardServer(sqlite: file, resource: resource, chart: chart, host: "127.0.0.1", port: 0),
        DashboardServer(postgres: url, table: "orchard_raw", resource: resource, chart: chart, host: "127.0.0.1", port: 0),
      ]
      defer { for server in servers { server.close() } }
      let all = try servers.map(answers)
      #expect(all[0] == all[1])
      #expect(all[0] == all[2])
      #expect(all[0][0].contains(#""value":100.50"#))
      // A rule applies to a source, or the reason why it does not is given.
      let reports = try servers.map { try FindingsReport(httpGet("/api/findings", port: $0.port).body) }
      #expect(reports.map(\.rules) == [["adds-up", "primary-key", "rows"], ["adds-up"], ["adds-up", "primary-key"]])
      #expect(reports.map(\.skipped) == [[], ["primary-key", "rows"], ["rows"]])
      #expect(reports[0].headlines.count == 1 && reports.allSatisfy { $0.headlines == reports[0].headlines }, "\(reports)")
    }
  }

  @Test func `a dashboard started before the first rows shows them when they land in Postgres`() throws {
    let resource = try StarFixture.resource()
    try withDatabase { url in
      let server = try DashboardServer(postgres: url, table: "orchard_raw", resource: resource, chart: chart, host: "127.0.0.1", port: 0)
      defer { server.close() }
      #expect(server.rows == 0)
      #expect(server.notice == nil)
      #expect(try httpGet("/healthz", port: server.port).status == 200)
      let client = try stream(server)
      let connection = try PostgresConnection.open(url, applicationName: "tests")
      defer { connection.close() }
      try land(StarFixture.csv, connection)
      _ = try client.read(through: "\n\n")
      #expect(try httpGet("/api/dataset", port: server.port).text.contains(#""changed":"2024-02-01T00:00:00Z""#))
      try land("header\n2024-02-29,210.25,105,105.25,1045\n", connection)
      _ = try client.read(through: "\n\n")
      #expect(try httpGet("/api/series?region=All&metric=sales", port: server.port).text.contains(#""label":"2024-02","value":210.25"#))
    }
  }

  @Test func `each landed row reaches an open page`() throws {
    let resource = try StarFixture.resource()
    try withDatabase { url in
      let connection = try PostgresConnection.open(url, applicationName: "tests")
      defer { connection.close() }
      try land(StarFixture.csv, connection)
      let server = try DashboardServer(postgres: url, table: "orchard_raw", resource: resource, chart: chart, host: "127.0.0.1", port: 0)
      defer { server.close() }
      let client = try stream(server)
      for amount in 1...20 {
        try land("header\n2024-02-29,\(amount),105,105.25,1045\n", connection)
        #expect(try client.read(through: "\n\n").contains("event: rows"))
      }
    }
  }

  @Test func `a broken session is reopened and rows that landed during the outage are shown`() throws {
    let resource = try StarFixture.resource()
    try withDatabase { url in
      let connection = try PostgresConnection.open(url, applicationName: "tests")
      defer { connection.close() }
      try land(StarFixture.csv, connection)
      let server = try DashboardServer(postgres: url, table: "orchard_raw", resource: resource, chart: chart, host: "127.0.0.1", port: 0)
      defer { server.close() }
      let client = try stream(server)
      _ = try connection.query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'netflix dashboard'"
      )
      try land("header\n2024-02-29,210.25,105,105.25,1045\n", connection)
      #expect(try client.read(through: "\n\n").contains(#""error":""#))
      #expect(try client.read(through: "\n\n").contains(#""error":null"#))
      #expect(server.rows == 14)
    }
  }

  @Test(.requiresPgBouncer, arguments: ["transaction", "session"])
  func `behind PgBouncer new rows are shown even without notifications`(mode: String) throws {
    let resource = try StarFixture.resource()
    try withTemporaryFolder { folder in
      try withDatabase { url in
        let connection = try PostgresConnection.open(url, applicationName: "tests")
        defer { connection.close() }
        try land(StarFixture.csv, connection)
        let pooler = try PgBouncer(url, mode: mode, in: folder)
        let server = try DashboardServer(
          postgres: pooler.address, table: "orchard_raw", resource: resource, chart: chart, host: "127.0.0.1", port: 0)
        defer { server.close() }
        #expect(server.rows == 13)
        let client = try stream(server)
        try land("header\n2024-02-29,210.25,105,105.25,1045\n", connection)
        #expect(try client.read(through: "\n\n").contains(#""error":null"#))
        #expect(server.rows == 14)
        let isPolling = server.notice?.hasPrefix("notifications do not reach this session, as behind PgBouncer in transaction mode") == true
        #expect(isPolling == (mode == "transaction"))
      }
    }
  }

  @Test func `a replica, which does not support LISTEN, is polled`() throws {
    let postgres = try TemporaryPostgres(.socket)
    defer { postgres.stop() }
    let connection = try PostgresConnection.open(postgres.url, applicationName: "tests")
    try land(StarFixture.csv, connection)
    connection.close()
    // With this file, a server is a standby and read-only.
    try Data().write(to: URL(fileURLWithPath: postgres.folder + "/data/standby.signal"))
    try postgres.restart()
    let server = try DashboardServer(
      postgres: postgres.url, table: "orchard_raw", resource: try StarFixture.resource(), chart: chart, host: "127.0.0.1", port: 0)
    defer { server.close() }
    #expect(server.rows == 13)
    #expect(server.notice?.hasSuffix("or on a replica: the rows are read every 2 s instead") == true)
  }

  @Test func `a SQLite file that changes or is replaced is reloaded`() throws {
    let resource = try StarFixture.resource()
    let folder = try Folder()
    let file = folder.path + "/orchard.db"
    try load(StarFixture.csv, into: file)
    let server = try DashboardServer(sqlite: file, resource: resource, chart: chart, host: "127.0.0.1", port: 0)
    defer { server.close() }
    let client = try stream(server)
    try load(StarFixture.csv + "2024-02-29,210.25,105,105.25,1045\n", into: file)
    _ = try client.read(through: "\n\n")
    #expect(server.rows == 14)
    try FileManager.default.removeItem(atPath: file)
    #expect(try client.read(through: "\n\n").contains("was replaced or deleted"))
    try load(StarFixture.csv, into: file)
    while server.rows != 13 { _ = try client.read(through: "\n\n") }
  }

  @Test func `a CSV that changes is reloaded and an invalid one keeps the old rows`() throws {
    let resource = try StarFixture.resource()
    let folder = try Folder()
    let csv = try folder.write("orchard.csv", StarFixture.csv)
    let server = try DashboardServer(csv: csv, resource: resource, chart: chart, host: "127.0.0.1", port: 0)
    defer { server.close() }
    let client = try stream(server)
    _ = try folder.write("orchard.csv", StarFixture.csv + "2024-02-29,210.25,105,105.25,1045\n")
    _ = try client.read(through: "\n\n")
    #expect(server.rows == 14)
    _ = try folder.write("orchard.csv", StarFixture.csv + "no date,1,1,1,1\n")
    #expect(try client.read(through: "\n\n").contains(#""error":""#))
    #expect(server.rows == 14)
  }

  @Test func `a missing source is an error that names it`() throws {
    let resource = try StarFixture.resource()
    let sqlite = #expect(throws: SQLiteError.self) {
      try DashboardServer(sqlite: "/nowhere/orchard.db", resource: resource, chart: chart, host: "127.0.0.1", port: 0)
    }
    #expect(sqlite?.message == "unable to open database file")
    #expect(sqlite?.file == "/nowhere/orchard.db")
    let csv = #expect(throws: WarehouseError.self) {
      try DashboardServer(csv: "/nowhere/orchard.csv", resource: resource, chart: chart, host: "127.0.0.1", port: 0)
    }
    #expect(csv?.kind == .missing)
    #expect(csv?.message == "/nowhere/orchard.csv cannot be read")
    let postgres = #expect(throws: PostgresError.self) {
      try DashboardServer(
        postgres: "postgresql://nobody:secret@127.0.0.1:1/none", table: "t", resource: resource, chart: chart, host: "127.0.0.1", port: 0)
    }
    #expect(postgres?.kind == .unavailable)
    #expect(postgres?.message.contains(#""127.0.0.1", port 1 failed"#) == true, "\(postgres?.message ?? "")")
    #expect(postgres?.message.contains("secret") == false)
  }

  private func load(_ csv: String, into file: String) throws {
    let database = try SQLiteDatabase(file, .create)
    defer { database.close() }
    var rest = Array(csv.utf8)[...]
    let rows = CSVRows(resource: try StarFixture.resource(), file: "orchard.csv") { buffer in
      let taken = rest.prefix(buffer.count)
      buffer.replaceSubrange(..<taken.count, with: taken)
      rest = rest.dropFirst(taken.count)
      return taken.count
    }
    try StarSchemaLoader.run(rows, into: database)
  }
}

/// The names in a response of /api/findings, sorted.
private struct FindingsReport {
  let rules, skipped, headlines: [String]

  init(_ body: [UInt8]) throws {
    let members = try #require(try JSONSerialization.jsonObject(with: Data(body)) as? [String: [[String: Any]]])
    func texts(_ list: String, _ key: String) -> [String] { (members[list] ?? []).compactMap { $0[key] as? String }.sorted() }
    (rules, skipped, headlines) = (texts("rules", "rule"), texts("skipped", "rule"), texts("findings", "headline"))
  }
}

/// A temporary folder for the lifetime of the value; its files are written atomically.
private final class Folder {
  let path = FileManager.default.temporaryDirectory.appendingPathComponent(uniqueName("dashboard")).path

  init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }
  deinit { try? FileManager.default.removeItem(atPath: path) }

  func write(_ name: String, _ text: String) throws -> String {
    let file = path + "/" + name
    try Data(text.utf8).write(to: URL(fileURLWithPath: file), options: .atomic)
    return file
  }
}
