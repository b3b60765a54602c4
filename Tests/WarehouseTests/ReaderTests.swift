import Dataset
import Foundation
import Postgres
import SQLite
import Synchronization
import TestSupport
import Testing
import Warehouse

/// Readers see the old warehouse or the new one, never a mixture.
@Suite struct ReaderTests {
  /// Forty months of data in which every value is the number of the version. The second version starts twenty months later, so that a run adds, changes
  /// and removes dates: a reader between its statements would see a mixture.
  private func version(_ number: Int, of data: SampleDataset) -> SampleDataset {
    let rows = (20 * number..<20 * number + 40).map { month in
      "28-\(month % 12 < 9 ? "0" : "")\(month % 12 + 1)-\(2000 + month / 12)" + String(repeating: ",\(number)", count: 14)
    }
    let header = data.csv.prefix { $0 != "\n" }
    return SampleDataset(resource: data.resource, csv: ([String(header)] + rows).joined(separator: "\n"))
  }

  private let question = """
    SELECT min(revenue), max(revenue), min(memberships), max(memberships), count(*), min(year), max(year)
    FROM fact_revenue_subscribers JOIN dim_date USING (date_id)
    """
  private let answers = [["1", "1", "1", "1", "200", "2001", "2004"], ["2", "2", "2", "2", "200", "2003", "2006"]]

  @Test func `in Postgres`() throws {
    let data = try SampleDataset.real()
    let versions = [version(1, of: data), version(2, of: data)]
    try withDatabase { (url: String) throws in
      let connection = try PostgresConnection.open(url, applicationName: "tests")
      defer { connection.close() }
      try StarSchemaLoader.run(versions[0].rows, into: connection)
      let reader = Reader { [question] sight in
        let connection = try PostgresConnection.open(url, applicationName: "reader")
        defer { connection.close() }
        while !sight.isOver { sight.add(try connection.query(question).rows[0].map { $0 ?? "" }) }
      }
      for run in 1...20 {
        try StarSchemaLoader.run(versions[run % 2].rows, into: connection)
        try reader.wait(for: answers[run % 2])
      }
      #expect(try reader.end() == Set(answers))
    }
  }

  @Test func `in SQLite`() throws {
    let data = try SampleDataset.real()
    let versions = [version(1, of: data), version(2, of: data)]
    try withTemporaryFolder { (folder) throws in
      let file = folder.path + "/netflix.db"
      let database = try SQLiteDatabase(file, .create)
      defer { database.close() }
      try StarSchemaLoader.run(versions[0].rows, into: database)
      let reader = Reader { [question] sight in
        let database = try SQLiteDatabase(file, .readOnly)
        defer { database.close() }
        while !sight.isOver { sight.add(try database.query(question)[0].map { $0 ?? "" }) }
      }
      for run in 1...20 {
        try StarSchemaLoader.run(versions[run % 2].rows, into: database)
        try reader.wait(for: answers[run % 2])
      }
      #expect(try reader.end() == Set(answers))
    }
  }

  @Test func `a reader inside a transaction still reads the old rows while a run commits`() throws {
    let data = try SampleDataset.real()
    try withTemporaryFolder { (folder) throws in
      let file = folder.path + "/netflix.db"
      let writer = try SQLiteDatabase(file, .create)
      try StarSchemaLoader.run(version(1, of: data).rows, into: writer)
      // The mode that a run sets, so that the reader uses it too.
      try writer.execute("PRAGMA journal_mode = WAL")
      let reader = try SQLiteDatabase(file, .readOnly)
      defer {
        reader.close()
        writer.close()
      }
      try reader.execute("BEGIN")
      #expect(try reader.query(question) == [answers[0]])
      try StarSchemaLoader.run(version(2, of: data).rows, into: writer)
      #expect(try reader.query(question) == [answers[0]])
      try reader.execute("COMMIT")
      #expect(try reader.query(question) == [answers[1]])
    }
  }
}

/// Queries repeatedly on a separate thread.
private final class Reader {
  /// The results so far, and whether to continue.
  final class Sight: Sendable {
    fileprivate let state = Mutex((answers: Set<[String]>(), latest: [String](), isOver: false, error: (any Error)?.none))
    fileprivate let ended = DispatchSemaphore(value: 0)

    var isOver: Bool { state.withLock { $0.isOver } }

    func add(_ answer: [String]) {
      state.withLock { state in
        state.answers.insert(answer)
        state.latest = answer
      }
    }
  }

  private let sight = Sight()

  init(_ read: @escaping @Sendable (Sight) throws -> Void) {
    Thread.detachNewThread { [sight] in
      do { try read(sight) } catch { sight.state.withLock { $0.error = error } }
      sight.ended.signal()
    }
  }

  deinit { sight.state.withLock { $0.isOver = true } }

  /// Waits until the latest result is `answer`.
  func wait(for answer: [String]) throws {
    let deadline = ContinuousClock.now + .seconds(60)
    while true {
      let (latest, error) = sight.state.withLock { ($0.latest, $0.error) }
      if let error { throw error }
      if latest == answer { return }
      guard ContinuousClock.now < deadline else { throw TestSupportError("the reader still sees \(latest), not \(answer)") }
      usleep(1_000)
    }
  }

  /// Stops the reader and returns its distinct results.
  func end() throws -> Set<[String]> {
    sight.state.withLock { $0.isOver = true }
    sight.ended.wait()
    return try sight.state.withLock { state in
      if let error = state.error { throw error }
      return state.answers
    }
  }
}
