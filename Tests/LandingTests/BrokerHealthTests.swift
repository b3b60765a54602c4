import TestSupport
import Testing

@testable import Landing

@Suite struct BrokerHealthTests {
  private let start = ContinuousClock.now
  private let error = TopicError(kind: .unavailable, isRetriable: true, cause: TestSupportError("no leader"))

  @Test func `an outage is reported once, and its end with its length`() throws {
    var health = BrokerHealth(retrySeconds: 10, now: start)
    #expect(health.recordFailure(error, at: start) == .failing(error))
    #expect(health.recordFailure(error, at: start + .seconds(1)) == nil)
    #expect(try health.recordProbe(topicExists: false, at: start + .seconds(5)) == nil)
    #expect(try health.recordProbe(topicExists: true, at: start + .seconds(7)) == .recovered(after: .seconds(7)))
    #expect(try health.recordProbe(topicExists: true, at: start + .seconds(8)) == nil)
    #expect(health.recordFailure(error, at: start + .seconds(9)) == .failing(error))
  }

  @Test func `an outage ends the run after the time for retries`() throws {
    var health = BrokerHealth(retrySeconds: 10, now: start)
    _ = health.recordFailure(error, at: start)
    #expect(try health.recordProbe(topicExists: false, at: start + .seconds(9)) == nil)
    #expect { _ = try health.recordProbe(topicExists: false, at: start + .seconds(10)) } throws: { $0 as? TopicError == error }
  }

  @Test func `brokers that have answered nothing for the time for retries end the run, whatever failed first`() throws {
    var health = BrokerHealth(retrySeconds: 10, now: start)
    let silent = TopicError(kind: .unavailable, isRetriable: true, cause: TestSupportError("no broker answered"))
    #expect(try health.recordProbe(topicExists: false, error: silent, unreachable: .seconds(9), at: start) == nil)
    #expect { _ = try health.recordProbe(topicExists: false, error: silent, unreachable: .seconds(10), at: start) } throws: {
      $0 as? TopicError == silent
    }
  }

  @Test func `the broker is asked once a second while something is wrong, and not otherwise`() {
    var health = BrokerHealth(retrySeconds: 10, now: start)
    #expect(health.isProbeDue(isSuspect: false, at: start + .seconds(5)) == false)
    #expect(health.isProbeDue(isSuspect: true, at: start + .seconds(5)) == true)
    #expect(health.isProbeDue(isSuspect: true, at: start + .seconds(5.9)) == false)
    #expect(health.isProbeDue(isSuspect: true, at: start + .seconds(6)) == true)
    _ = health.recordFailure(error, at: start + .seconds(6))
    #expect(health.isProbeDue(isSuspect: false, at: start + .seconds(7)) == true)
    #expect(health.recordContact(at: start + .seconds(8)) == .recovered(after: .seconds(2)))
    #expect(health.recordContact(at: start + .seconds(8)) == nil)
    #expect(health.isProbeDue(isSuspect: false, at: start + .seconds(9)) == false)
  }
}
