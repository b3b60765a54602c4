import Dataset
import Support
import Synchronization
import SystemIO
import Warehouse

@testable import Dashboard

/// Rows that a test changes, and can make unreadable.
final class FixtureRows: Sendable {
  private struct State {
    var reading: LoadedData
    var failure: Failure?
    var isNews = false
  }

  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  private let state: Mutex<State>

  init(_ csv: String = StarFixture.csv) throws {
    state = Mutex(State(reading: try StarFixture.reading(csv)))
  }

  func land(_ csv: String) throws {
    let reading = try StarFixture.reading(csv)
    state.withLock { state in
      state.reading = reading
      state.isNews = true
    }
  }

  func fail(_ text: String?) {
    state.withLock { $0.failure = text.map(Failure.init) }
  }

  func read() throws -> LoadedData {
    try state.withLock { state in
      if let failure = state.failure { throw failure }
      state.isNews = false
      return state.reading
    }
  }

  func hasNews() throws -> Bool {
    try state.withLock { state in
      if let failure = state.failure { throw failure }
      return state.isNews
    }
  }
}

final class FixtureSource: DataSource {
  private let rows: FixtureRows

  init(_ rows: FixtureRows) {
    self.rows = rows
  }

  let store = SourceInfo(kind: .sqlite, place: "orchard.db")

  func read() throws -> LoadedData { try rows.read() }

  func waitForChange(_ stop: WakeupPipe) throws -> Bool {
    if try rows.hasNews() { return true }
    stop.wait(.seconds(0.01))
    return try rows.hasNews()
  }

  func close() {}
}

extension DashboardServer {
  /// A server for a fixture, on a free port, that computes only requested forecasts.
  convenience init(_ rows: FixtureRows) throws {
    try self.init(
      { FixtureSource(rows) }, chart: ChartLibrary(bytes: Array("Chart".utf8)), host: "127.0.0.1", port: 0, preparesForecast: false)
  }
}
