import Glibc
import Synchronization

/// SIGINT and SIGTERM as a fact to look at, not as an interruption.
///
/// After ``install(secondEndsAtOnce:)`` the first signal is kept: ``received`` says so from then on, and ``descriptor`` stays readable,
/// so a wait that begins after the signal ends at once as well. SIGPIPE is ignored: a closed pipe is an error of write(2).
public enum Signals {
  /// A signal that asks a program to stop.
  public enum Stop: Int32, Sendable {
    case interrupt = 2
    case terminate = 15

    /// For a program that was stopped before its end.
    public var exitCode: ExitCode { self == .interrupt ? .interrupted : .terminated }
    public var name: String { self == .interrupt ? "SIGINT" : "SIGTERM" }
  }

  /// Notes the signals from now on. Call it before any thread starts; again does nothing.
  ///
  /// - Parameter secondEndsAtOnce: Whether a second signal ends the process on the spot, for a person who will not wait.
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

  /// The first signal that came, if one did.
  public static var received: Stop? { Stop(rawValue: state.received.load(ordering: .acquiring)) }

  /// A descriptor for poll(2) that is readable once a signal came, and for ever after. Never read from it. -1 before `install`.
  public static var descriptor: Int32 { state.readEnd.load(ordering: .relaxed) }

  /// Sleeps, less long if a signal comes.
  ///
  /// - Returns: The signal, if one came, before or meanwhile.
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

  /// Waits for a signal, however long.
  public static func wait() -> Stop {
    while true {
      if let stop = wait(.seconds(3600)) { return stop }
    }
  }

  /// For a program that cannot end well before its work is done.
  ///
  /// - Throws: ``CommandError`` 130 or 143 once a signal came.
  public static func check() throws {
    if let stop = received { throw CommandError(stop.exitCode, "stopped by \(stop.name) before the end") }
  }

  fileprivate static let state = SignalState()
}

/// Atomics and nothing else: a signal handler may touch only what signal-safety(7) allows.
private final class SignalState: Sendable {
  let received = Atomic<Int32>(0)
  let readEnd = Atomic<Int32>(-1)
  let writeEnd = Atomic<Int32>(-1)
  let secondEnds = Atomic<Bool>(true)
}

/// The handler proper. A global function: C calls it on whatever thread the signal meets.
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
