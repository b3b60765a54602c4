import DevServices
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Postgres

/// The caller can end every wait.
@Suite struct WaitTests {
  /// A stop that a test requests.
  final class Stop: Sendable {
    private let flag = Atomic<Bool>(false)
    func request() { flag.store(true, ordering: .releasing) }
    var isRequested: Bool { flag.load(ordering: .acquiring) }
  }

  enum Phase: CaseIterable, Sendable { case statement, parameters, rows, copyIn, copyInEnd, copyOut, commit }

  @Test(arguments: Phase.allCases) func `a stop request ends a call to a server that does not respond`(phase: Phase) throws {
    let stop = Stop()
    let waiting = PostgresWaitState(graceSeconds: 0.5) { stop.isRequested }
    let connection = try PostgresConnection.open(PostgresServer.shared.get().url, applicationName: "tests", waitState: waiting)
    try connection.execute("CREATE TEMP TABLE t (a text)")
    let process = connection.backendProcess
    defer { kill(process, SIGCONT) }
    func freeze() {
      kill(process, SIGSTOP)
      stop.request()
    }
    let start = ContinuousClock.now
    let error = try postgresError {
      switch phase {
      case .statement:
        freeze()
        try connection.execute("SELECT 1")
      case .parameters:
        freeze()
        try connection.query("SELECT $1::text", ["1"])
      case .rows:
        try connection.forEachRow("SELECT repeat('x', 1000) FROM generate_series(1, 1000000)") { _ in if !stop.isRequested { freeze() } }
      case .copyIn:
        try connection.copyIn("COPY t FROM STDIN") { writer in
          freeze()
          while true { try writer.write([UInt8](repeating: 0x31, count: 100_000) + [0x0a]) }
        }
      case .copyInEnd:
        try connection.copyIn("COPY t FROM STDIN") { writer in
          try writer.write("1\n")
          freeze()
        }
      case .copyOut:
        try connection.copyOut("COPY (SELECT repeat('x', 1000) FROM generate_series(1, 1000000)) TO STDOUT") { _ in
          if !stop.isRequested { freeze() }
        }
      case .commit:
        try connection.execute("BEGIN; INSERT INTO t VALUES ('1')")
        freeze()
        try connection.commit()
      }
      return nil
    }
    #expect(error?.kind == .cancelled)
    #expect(error?.commitOutcomeUnknown == (phase == .commit))
    #expect(!connection.isUsable)
    #expect(try postgresError { try connection.execute("SELECT 1") }?.kind == .cancelled)
    connection.close()
    #expect(ContinuousClock.now - start < .seconds(5))
    #expect(waiting.pendingDuration == nil)
  }

  @Test func `a call whose server responds within the grace period finishes after a stop request`() throws {
    let stop = Stop()
    let waiting = PostgresWaitState(graceSeconds: 60) { stop.isRequested }
    let connection = try PostgresConnection.open(PostgresServer.shared.get().url, applicationName: "tests", waitState: waiting)
    defer { connection.close() }
    stop.request()
    #expect(try connection.query("SELECT count(*) FROM (SELECT pg_sleep(0.3)) AS slept").firstValue == "1")
  }

  @Test func `a server that responds cancels an abandoned statement`() throws {
    let stop = Stop()
    let waiting = PostgresWaitState { stop.isRequested }
    let connection = try PostgresConnection.open(PostgresServer.shared.get().url, applicationName: "tests", waitState: waiting)
    stop.request()
    #expect(try postgresError { try connection.execute("SELECT pg_sleep(600)") }?.kind == .cancelled)
    let process = String(connection.backendProcess)
    connection.close()
    let watcher = try PostgresServer.open()
    defer { watcher.close() }
    while try watcher.query("SELECT 1 FROM pg_stat_activity WHERE pid = $1::int", [process]).firstValue != nil {}
  }

  @Test func `the time that a response is pending is available, also on another thread`() throws {
    let waiting = PostgresWaitState()
    let connection = try PostgresConnection.open(PostgresServer.shared.get().url, applicationName: "tests", waitState: waiting)
    defer { connection.close() }
    #expect(waiting.pendingDuration == nil)
    let process = connection.backendProcess
    kill(process, SIGSTOP)
    let watcher = Thread {
      while (waiting.pendingDuration ?? .zero) < .seconds(1) { usleep(10_000) }
      kill(process, SIGCONT)
    }
    watcher.start()
    #expect(try connection.query("SELECT 1").firstValue == "1")
    #expect(waiting.pendingDuration == nil)
  }

  @Test(arguments: SilentServer.Silence.allCases)
  func `connecting to an address that does not respond ends in time, or immediately on a stop`(silence: SilentServer.Silence) throws {
    let silent = try SilentServer(silence)
    let address = "host=127.0.0.1 port=\(silent.port) dbname=x user=y connect_timeout=60"
    let stop = Stop()
    stop.request()
    for (seconds, waiting, kind) in [
      (1.0, PostgresWaitState(), PostgresError.Kind.unavailable), (60, PostgresWaitState { stop.isRequested }, .cancelled),
    ] {
      let start = ContinuousClock.now
      let error = try postgresError {
        _ = try PostgresConnection.open(address, applicationName: "tests", timeout: .seconds(seconds), waitState: waiting)
      }
      #expect(error?.kind == kind)
      #expect(ContinuousClock.now - start < .seconds(5))
      #expect(waiting.pendingDuration == nil)
    }
  }

  /// For example the resolution of a name whose servers do not respond.
  @Test func `a blocking call is abandoned, and its late result is discarded`() throws {
    final class Late: Sendable {
      let value = Atomic<Int>(0)
      let isReleased = Atomic<Bool>(false)
    }
    let late = Late()
    let value = SideThread.run(until: { true }, discard: { late.value.store($0, ordering: .releasing) }) {
      while !late.isReleased.load(ordering: .acquiring) { usleep(1000) }
      return 7
    }
    #expect(value == nil)
    late.isReleased.store(true, ordering: .releasing)
    while late.value.load(ordering: .acquiring) != 7 { usleep(1000) }
    #expect(SideThread.run(until: { false }) { 8 } == 8)
  }

  @Test func `closing a session whose server reads no data does not wait`() throws {
    let connection = try PostgresServer.open()
    kill(connection.backendProcess, SIGSTOP)
    defer { kill(connection.backendProcess, SIGCONT) }
    let start = ContinuousClock.now
    connection.close()
    #expect(ContinuousClock.now - start < .seconds(2))
  }
}
