import Glibc
import Synchronization

/// SIGINT and SIGTERM as a flag to check, not as an interruption.
///
/// After ``install(secondEndsAtOnce:)`` the first signal is recorded: ``received`` returns it from then on, and ``descriptor`` stays readable,
/// so a wait that begins after the signal also ends at once. SIGPIPE is ignored: a closed pipe is an error of write(2).
public enum Signals {
  /// A signal that asks a program to stop.
  public enum Stop: Int32, Sendable {
    case interrupt = 2
    case terminate = 15

    /// The exit code of a program that was stopped before completion.
    public var exitCode: ExitCode { self == .interrupt ? .interrupted : .terminated }
    /// `SIGINT` or `SIGTERM`.
    public var name: String { self == .interrupt ? "SIGINT" : "SIGTERM" }
  }

  /// Installs the handlers. Call it before any thread starts. Idempotent.
  ///
  /// - Parameter secondEndsAtOnce: Whether a second signal ends the process immediately.
  public static func install(secondEndsAtOnce: Bool = true) {
    state.secondEnds.store(secondEndsAtOnce, ordering: .relaxed)
    guard state.writeEnd.load(ordering: .relaxed) < 0 else { return }
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { return }
    for end in ends {
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
    }
    state.readEnd.store(ends[0], ordering: .relaxed)
    state.writeEnd.store(ends[1], ordering: .releasing)
    var action = sigaction()
    action.__sigaction_handler.sa_handler = noteSignal
    action.sa_flags = SA_RESTART
    sigaction(SIGINT, &action, nil)
    sigaction(SIGTERM, &action, nil)
    signal(SIGPIPE, SIG_IGN)
  }

  /// The first signal that was received; nil if there was none.
  public static var received: Stop? { Stop(rawValue: state.received.load(ordering: .acquiring)) }

  /// A descriptor for poll(2) that becomes readable with the first signal and stays readable. Never read from it. -1 before `install`.
  public static var descriptor: Int32 { state.readEnd.load(ordering: .relaxed) }

  /// Sleeps until the duration has passed or a signal is received.
  ///
  /// - Returns: The signal, if one was received before or during the wait.
  @discardableResult
  public static func wait(_ duration: Duration) -> Stop? {
    let end = ContinuousClock.now + duration
    while received == nil {
      let left = Int((end - .now) / .milliseconds(1))
      guard left > 0 else { break }
      var ready = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      _ = poll(&ready, 1, Int32(clamping: left))
    }
    return received
  }

  /// Waits for a signal without a timeout.
  public static func wait() -> Stop {
    while true {
      if let stop = wait(.seconds(3600)) { return stop }
    }
  }

  /// For a program that has no useful result before its work is complete.
  ///
  /// - Throws: ``CommandError`` 130 or 143 if a signal was received.
  public static func check() throws {
    if let stop = received { throw CommandError(stop.exitCode, "stopped by \(stop.name) before the end") }
  }

  fileprivate static let state = SignalState()
}

/// Atomics only: a signal handler may use only what signal-safety(7) allows.
private final class SignalState: Sendable {
  let received = Atomic<Int32>(0)
  let readEnd = Atomic<Int32>(-1)
  let writeEnd = Atomic<Int32>(-1)
  let secondEnds = Atomic<Bool>(true)
}

/// The signal handler. A global function because C calls it, on any thread.
private func noteSignal(_ number: Int32) {
  let saved = errno
  let state = Signals.state
  if !state.received.compareExchange(expected: 0, desired: number, ordering: .acquiringAndReleasing).exchanged {
    if state.secondEnds.load(ordering: .relaxed) { _exit(128 + number) }
  }
  var byte: UInt8 = 1
  _ = write(state.writeEnd.load(ordering: .acquiring), &byte, 1)
  errno = saved
}
