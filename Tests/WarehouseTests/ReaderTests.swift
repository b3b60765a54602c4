import Dataset
import Postgres
import SQLite
import Synchronization
import TestSupport
import Testing
import Warehouse

/// Readers see the old warehouse or the new one, never half of each.
@Suite struct ReaderTests {
  /// Quarters that say nothing but which version they are of: each figure of each region is it.
  private func version(_ number: Int, of data: Data21) -> Data21 {
    let rows = (0..<40).map { index in
      "\(28)-\(index % 12 + 1 < 10 ? "0" : "")\(index % 12 + 1)-\(2000 + index / 12)" + String(repeating: ",\(number)", count: 14)
    }
    let header = data.csv.prefix { $0 != "\n" }
    return Data21(resource: data.resource, csv: ([String(header)] + rows).joined(separator: "\n"))
  }

  private let question = "SELECT min(revenue), max(revenue), min(memberships), max(memberships), count(*) FROM fact_revenue_subscribers"
  private let answers = [["1", "1", "1", "1", "200"], ["2", "2", "2", "2", "200"]]

  @Test func `in Postgres`() async throws {
    let data = try Data21.real()
    let versions = [version(1, of: data), version(2, of: data)]
    try await withDatabase { (url: String) async throws in
      let connection = try PostgresConnection.open(url, applicationName: "tests")
      defer { connection.close() }
      try Etl.run(versions[0].rows, into: connection)
      let isDone = Flag()
      let reader = Task.detached { [question] in
        let connection = try PostgresConnection.open(url, applicationName: "reader")
        defer { connection.close() }
        var seen: [[String]: Int] = [:]
        while !isDone.isSet { seen[try connection.query(question).rows[0].map { $0 ?? "" }, default: 0] += 1 }
        return seen
      }
      for run in 1...20 { try Etl.run(versions[run % 2].rows, into: connection) }
      isDone.set()
      let seen = try await reader.value
      #expect(Set(seen.keys).isSubset(of: answers), "\(seen)")
    }
  }

  @Test func `in SQLite`() async throws {
    let data = try Data21.real()
    let versions = [version(1, of: data), version(2, of: data)]
    try await withFolder { path in
      let file = path + "/netflix.db"
      let database = try SQLiteDatabase(file, .create)
      defer { database.close() }
      try Etl.run(versions[0].rows, into: database)
      let isDone = Flag()
      let reader = Task.detached { [question] in
        let database = try SQLiteDatabase(file, .readOnly)
        defer { database.close() }
        var seen: [[String]: Int] = [:]
        while !isDone.isSet { seen[try database.query(question)[0].map { $0 ?? "" }, default: 0] += 1 }
        return seen
      }
      for run in 1...20 { try Etl.run(versions[run % 2].rows, into: database) }
      isDone.set()
      let seen = try await reader.value
      #expect(Set(seen.keys).isSubset(of: answers), "\(seen)")
    }
  }

  @Test func `a reader inside a transaction goes on reading the old rows while a run commits`() throws {
    let data = try Data21.real()
    try withTemporaryFolder { (folder) throws in
      let file = folder.path + "/netflix.db"
      let writer = try SQLiteDatabase(file, .create)
      try Etl.run(version(1, of: data).rows, into: writer)
      // The mode that a run sets, so that the reader is one of it.
      try writer.execute("PRAGMA journal_mode = WAL")
      let reader = try SQLiteDatabase(file, .readOnly)
      defer {
        reader.close()
        writer.close()
      }
      try reader.execute("BEGIN")
      #expect(try reader.query(question) == [answers[0]])
      try Etl.run(version(2, of: data).rows, into: writer)
      #expect(try reader.query(question) == [answers[0]])
      try reader.execute("COMMIT")
      #expect(try reader.query(question) == [answers[1]])
    }
  }

  private final class Flag: Sendable {
    private let value = Atomic<Bool>(false)
    var isSet: Bool { value.load(ordering: .acquiring) }
    func set() { value.store(true, ordering: .releasing) }
  }
}
