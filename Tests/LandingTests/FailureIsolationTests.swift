import Postgres
import Testing

@testable import Landing

@Suite struct FailureIsolationTests {
  private let violation = PostgresError(kind: .data, sqlstate: "23514", message: "violates check constraint")
  private let missing = PostgresError(kind: .schema, sqlstate: "42703", message: "column does not exist")

  private func batch(_ offsets: Range<Int64>, isIsolating: Bool, blamesRetriableErrors: Bool = false) -> FailureIsolation.FailedBatch {
    FailureIsolation.FailedBatch(
      isIsolating: isIsolating, blamesRetriableErrors: blamesRetriableErrors,
      offsetCommits: [OffsetCommit(partition: 0, expected: offsets.lowerBound, next: offsets.upperBound, last: nil)],
      records: isIsolating ? offsets.map { (0, $0) } : [])
  }

  private func at(_ position: Int64) -> [PartitionProgress] { [PartitionProgress(partition: 0, stored: position, end: nil)] }

  @Test func `isolation mode lasts up to the end of the batch that failed`() {
    var isolation = FailureIsolation()
    #expect(isolation.mode(at(0)) == (false, false))
    #expect(isolation.handleSuspectedRecord(batch(0..<50, isIsolating: false), violation) == .replay(isFirst: true))
    #expect(isolation.mode(at(0)) == (true, false) && isolation.mode(at(49)) == (true, false) && isolation.mode(at(50)) == (false, false))
    isolation.rewind(to: at(50))
    #expect(isolation.mode(at(0)) == (false, false), "a rewind beyond the end leaves it")
  }

  @Test func `a rewind into the batch, or a rebalance that brings the partition back, keeps isolation mode`() {
    var isolation = FailureIsolation()
    _ = isolation.handleSuspectedRecord(batch(0..<50, isIsolating: false), violation)
    isolation.rewind(to: at(20))
    #expect(isolation.mode(at(20)).isIsolating)
    isolation.rewind(to: [])
    #expect(!isolation.mode(at(20)).isIsolating, "a partition that the group took is another member's")
  }

  @Test func `an error at COMMIT halves the batches down to one message, which is rejected with the server's reason`() {
    var isolation = FailureIsolation()
    _ = isolation.handleSuspectedRecord(batch(0..<1000, isIsolating: false), violation)
    var rows = FailureIsolation.maxRows
    while rows > 1 {
      #expect(isolation.batchRows == rows)
      #expect(isolation.handleSuspectedRecord(batch(0..<Int64(rows), isIsolating: true), violation) == .replay(isFirst: false))
      #expect(isolation.forcedRejectionReason(partition: 0, offset: 0) == nil)
      rows /= 2
    }
    #expect(isolation.handleSuspectedRecord(batch(7..<8, isIsolating: true), violation) == .replay(isFirst: false))
    #expect(isolation.forcedRejectionReason(partition: 0, offset: 7) == violation.rejectionReason)
    #expect(
      isolation.forcedRejectionReason(partition: 0, offset: 8) == nil && isolation.forcedRejectionReason(partition: 1, offset: 7) == nil)
    for expected in [2, 4, 8] {
      isolation.recordCommit(wasIsolating: true)
      #expect(isolation.batchRows == expected)
    }
    for _ in 0..<20 { isolation.recordCommit(wasIsolating: true) }
    #expect(isolation.batchRows == FailureIsolation.maxRows)
  }

  @Test func `an error at COMMIT of a batch without rows is not a record's`() {
    var isolation = FailureIsolation()
    #expect(isolation.handleSuspectedRecord(batch(0..<0, isIsolating: true), violation) == .fail(violation.withoutRecords))
  }

  @Test func `an error that another attempt may avoid rejects nothing until the attempts are used up`() {
    let deadlock = PostgresError(kind: .transient, sqlstate: "40P01", message: "deadlock detected")
    let timeout = PostgresError(kind: .transient, sqlstate: "57014", message: "canceling statement due to statement timeout")
    var isolation = FailureIsolation()
    #expect(isolation.handleSuspectedRecord(batch(0..<50, isIsolating: false), timeout) == .replay(isFirst: true))
    #expect(isolation.mode(at(0)) == (true, true), "the replay is the last attempt")
    #expect(isolation.handleSuspectedRecord(batch(0..<1, isIsolating: true, blamesRetriableErrors: true), deadlock) == .fail(deadlock))
    #expect(
      isolation.handleSuspectedRecord(batch(0..<1, isIsolating: true, blamesRetriableErrors: true), timeout) == .replay(isFirst: false))
    #expect(isolation.forcedRejectionReason(partition: 0, offset: 0) == timeout.rejectionReason)
  }

  @Test func `an error that outlasts the retries in isolation mode has one last attempt, which lasts until isolation mode ends`() {
    let raised = PostgresError(kind: .transient, sqlstate: "40001", message: "busy")
    var isolation = FailureIsolation()
    _ = isolation.handleSuspectedRecord(batch(0..<50, isIsolating: false), violation)
    #expect(isolation.mode(at(0)) == (true, false))
    #expect(isolation.handleSuspectedRecord(batch(0..<50, isIsolating: true), raised) == .replay(isFirst: false))
    #expect(isolation.mode(at(0)) == (true, true) && isolation.batchRows == FailureIsolation.maxRows)
    #expect(
      isolation.handleSuspectedRecord(batch(0..<50, isIsolating: true, blamesRetriableErrors: true), violation) == .replay(isFirst: false))
    #expect(isolation.mode(at(0)) == (true, true), "an error of another kind does not end the last attempt")
    isolation.rewind(to: at(50))
    _ = isolation.handleSuspectedRecord(batch(50..<90, isIsolating: false), violation)
    #expect(isolation.mode(at(50)) == (true, false))
  }

  @Test func `a schema mismatch has the table checked, then the records isolated, then ends the run`() {
    var isolation = FailureIsolation()
    let failed = batch(0..<50, isIsolating: false)
    #expect(isolation.handleSchemaMismatch(failed, missing) == .replay(isFirst: false))
    #expect(!isolation.mode(at(0)).isIsolating)
    #expect(isolation.handleSchemaMismatch(failed, missing) == .replay(isFirst: true))
    #expect(isolation.mode(at(0)).isIsolating)
    #expect(isolation.handleSchemaMismatch(batch(0..<50, isIsolating: true), missing) == .replay(isFirst: false))
    #expect(isolation.handleSchemaMismatch(batch(0..<50, isIsolating: true), missing) == .fail(missing))
    isolation.recordCommit(wasIsolating: false)
    #expect(isolation.handleSchemaMismatch(failed, missing) == .replay(isFirst: false), "a commit starts the count again")
  }

  @Test func `a record is suspected after three batches in a row that broke their session, and nothing is rejected`() {
    let lost = PostgresError(kind: .unavailable, sqlstate: "57P01", message: "terminating connection due to administrator command")
    var isolation = FailureIsolation()
    var failed = batch(0..<50, isIsolating: false)
    failed.received = 50
    for _ in 0..<2 { #expect(isolation.handleLostConnection(failed, lost) == nil) }
    isolation.recordCommit(wasIsolating: false)
    for _ in 0..<2 { #expect(isolation.handleLostConnection(failed, lost) == nil) }
    #expect(!isolation.mode(at(0)).isIsolating)
    #expect(isolation.handleLostConnection(failed, lost) == 3)
    #expect(isolation.mode(at(0)) == (true, false) && isolation.batchRows == FailureIsolation.maxRows)
    failed.isIsolating = true
    for (count, rows) in [(4, 5), (5, 1), (6, 1)] {
      #expect(isolation.handleLostConnection(failed, lost) == count)
      #expect(isolation.batchRows == rows)
      failed.received = isolation.batchRows
    }
    #expect(isolation.forcedRejectionReason(partition: 0, offset: 0) == nil)
  }

  @Test func `a batch without messages, and an error that no record can cause, are not suspicious`() {
    var isolation = FailureIsolation()
    var failed = batch(0..<50, isIsolating: false)
    let lost = PostgresError(kind: .unavailable, message: "server closed the connection unexpectedly")
    for _ in 0..<9 { #expect(isolation.handleLostConnection(failed, lost) == nil) }
    failed.received = 50
    let full = PostgresError(kind: .unavailable, sqlstate: "53300", message: "too many connections")
    for _ in 0..<9 { #expect(isolation.handleLostConnection(failed, full) == nil) }
  }
}
