import Support
import Testing

@Suite struct RetryPolicyTests {
  let start = ContinuousClock.now

  @Test func `pauses double up to the longest, the last attempt is at the end of the time, and the first failure is marked`() {
    var policy = RetryPolicy(seconds: 10, firstPause: .seconds(1), maxPause: .seconds(3))
    #expect(policy.failed(at: start) == .retry(after: .seconds(1), isFirst: true))
    #expect(policy.failed(at: start + .seconds(1)) == .retry(after: .seconds(2), isFirst: false))
    #expect(policy.failed(at: start + .seconds(3)) == .retry(after: .seconds(3), isFirst: false))
    #expect(policy.failed(at: start + .seconds(6)) == .retry(after: .seconds(3), isFirst: false))
    #expect(policy.failed(at: start + .seconds(9)) == .retry(after: .seconds(1), isFirst: false))
    #expect(policy.failed(at: start + .seconds(10)) == .giveUp)
  }

  @Test func `a success restarts the time and returns how long attempts had failed`() {
    var policy = RetryPolicy(seconds: 10)
    #expect(policy.succeeded(at: start) == nil)
    _ = policy.failed(at: start)
    _ = policy.failed(at: start + .seconds(9))
    #expect(policy.succeeded(at: start + .seconds(9)) == .seconds(9))
    #expect(policy.failed(at: start + .seconds(100)) == .retry(after: .milliseconds(50), isFirst: true))
  }

  @Test func `the duration of an attempt counts if its start is given`() {
    var policy = RetryPolicy(seconds: 8)
    #expect(policy.remaining(at: start) == .seconds(8))
    #expect(policy.failed(began: start, at: start + .seconds(8)) == .giveUp)
    #expect(policy.remaining(at: start + .seconds(8)) == .zero)
  }

  @Test func `without a limit it never gives up`() {
    var policy = RetryPolicy(seconds: nil, firstPause: .milliseconds(250), maxPause: .seconds(5))
    #expect(policy.failed(at: start) == .retry(after: .milliseconds(250), isFirst: true))
    #expect(policy.failed(at: start + .seconds(1_000_000_000)) == .retry(after: .milliseconds(500), isFirst: false))
  }
}
