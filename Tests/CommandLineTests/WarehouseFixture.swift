import Foundation
import Postgres
import TestSupport

/// A folder with the real CSV and its description in `data`, and `netflix` run in it.
struct WarehouseFixture {
  let folder: TemporaryFolder
  /// An address without Postgres, unless the test has one.
  var database = "postgresql://netflix@127.0.0.1:1/netflixdb"

  static func with<T>(database: String? = nil, _ body: (WarehouseFixture) throws -> T) throws -> T {
    try withTemporaryFolder { folder in
      try FileManager.default.createDirectory(atPath: folder.path + "/data", withIntermediateDirectories: false)
      for name in ["netflix_revenue_updated.csv", "datapackage.json"] {
        try FileManager.default.copyItem(atPath: "\(TestProject.folder)/data/\(name)", toPath: "\(folder.path)/data/\(name)")
      }
      var fixture = WarehouseFixture(folder: folder)
      if let database { fixture.database = database }
      return try body(fixture)
    }
  }

  /// The program's result, with seconds as 0, the folder as FOLDER and the database as DATABASE.
  func run(_ arguments: String...) throws -> ProgramResult {
    var result = try TestSupport.run(
      "netflix", arguments, environment: ["DATABASE_URL": database, "NETFLIX_RETRY_SECONDS": "1"], directory: folder.path)
    result.output.replace(#/"seconds":[0-9.e-]+/#, with: "\"seconds\":0")
    for text in [\ProgramResult.output, \.errors] {
      result[keyPath: text].replace(folder.path, with: "FOLDER")
      result[keyPath: text].replace(#/netflix@[^ ]*/test_?[a-z0-9_]+/#, with: "DATABASE")
    }
    return result
  }

  /// Replaces a text in the CSV.
  func doctor(_ old: String, _ new: String) throws {
    let csv = folder.read("data/netflix_revenue_updated.csv") ?? ""
    precondition(csv.contains(old), "the CSV has no \(old)")
    try folder.write("data/netflix_revenue_updated.csv", csv.replacing(old, with: new))
  }

  /// `netflix_raw` as created by netflix-consumer, with the 21 rows, which Postgres itself reads from the CSV.
  func land() throws {
    let connection = try PostgresConnection.open(database, applicationName: "tests")
    defer { connection.close() }
    let regions = ["ucan", "emea", "latm", "apac"]
    let columns =
      ["date date NOT NULL PRIMARY KEY", "global_revenue bigint"] + regions.map { "\($0)_revenue bigint" }
      + regions.map { "\($0)_members bigint" }
      + regions.map { "\($0)_arpu numeric" } + ["total_members bigint"]
    try connection.execute(
      """
      SET DateStyle = 'ISO, DMY';
      CREATE TABLE netflix_raw (\(columns.joined(separator: ", ")), kafka_topic text DEFAULT 'netflix', kafka_partition integer DEFAULT 0,
      kafka_offset bigint DEFAULT 0, landed_at timestamptz DEFAULT '2024-05-01T12:00:00Z')
      """)
    let names = columns.map { $0.prefix { $0 != " " } }.joined(separator: ", ")
    try connection.copyIn("COPY netflix_raw (\(names)) FROM STDIN (FORMAT csv, HEADER)") { writer in
      try writer.write(folder.read("data/netflix_revenue_updated.csv") ?? "")
    }
  }
}
