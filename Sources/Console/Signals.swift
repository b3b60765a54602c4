import Glibc
import Synchronization
import SystemIO

/// SIGINT and SIGTERM as a flag to check, not as an interruption.
///
/// After ``install(exitsOnSecondSignal:)`` the first signal is recorded: ``received`` returns it from then on, and ``descriptor`` stays readable,
/// so a wait that begins after the signal also ends at once. SIGPIPE is ignored: a closed pipe is an error of write(2).
package enum Signals {
  /// A signal that asks a program to stop.
  package enum Stop: Int32, Sendable {
    case interrupt = 2
    case terminate = 15

    /// The exit code of a program that was stopped before completion.
    package var exitCode: ExitCode { self == .interrupt ? .interrupted : .terminated }
    /// `SIGINT` or `SIGTERM`.
    package var name: String { self == .interrupt ? "SIGINT" : "SIGTERM" }
  }

  /// Installs the handlers. Call it before any thread starts. Idempotent.
  ///
  /// - Parameter exitsOnSecondSignal: Whether a second signal ends the process immediately.
  package static func install(exitsOnSecondSignal: Bool = true) {
    state.exitsOnSecondSignal.store(exitsOnSecondSignal, ordering: .relaxed)
    guard state.wakeup.descriptor >= 0, !state.isInstalled.exchange(true, ordering: .relaxed) else { return }
    var action = sigaction()
    action.__sigaction_handler.sa_handler = handleSignal
    action.sa_flags = SA_RESTART
    sigaction(SIGINT, &action, nil)
    sigaction(SIGTERM, &action, nil)
    signal(SIGPIPE, SIG_IGN)
  }

  /// The first signal that was received; nil if there was none.
  package static var received: Stop? { Stop(rawValue: state.received.load(ordering: .acquiring)) }

  /// A descriptor for poll(2) that becomes readable with the first signal and stays readable. Never read from it.
  package static var descriptor: Int32 { state.wakeup.descriptor }

  /// Sleeps until the duration has passed or a signal is received.
  ///
  /// - Returns: The signal, if one was received before or during the wait.
  @discardableResult
  package static func wait(_ duration: Duration) -> Stop? {
    state.wakeup.wait(duration)
    return received
  }

  /// Waits for a signal without a timeout.
  package static func wait() -> Stop {
    while true {
      if let stop = wait(.seconds(3600)) { return stop }
    }
  }

  /// For a program that has no useful result before its work is complete.
  ///
  /// - Throws: ``CommandError`` 130 or 143 if a signal was received.
  package static func check() throws {
    if let stop = received { throw CommandError(stop.exitCode, "stopped by \(stop.name) before the end") }
  }

  fileprivate static let state = SignalState()
}

/// Atomics and a pipe: a signal handler may use only what signal-safety(7) allows.
private final class SignalState: Sendable {
  let received = Atomic<Int32>(0)
  let isInstalled = Atomic<Bool>(false)
  let wakeup = WakeupPipe()
  let exitsOnSecondSignal = Atomic<Bool>(true)
}

/// The signal handler. A global function because C calls it, on any thread.
private func handleSignal(_ number: Int32) {
  let saved = errno
  let state = Signals.state
  if !state.received.compareExchange(expected: 0, desired: number, ordering: .acquiringAndReleasing).exchanged {
    if state.exitsOnSecondSignal.load(ordering: .relaxed) { _exit(128 + number) }
  }
  state.wakeup.set()
  errno = saved
}

/// Process-wide setup at program start, independent of what the parent process left.
enum ProcessSetup {
  /// Turns write failures into errors of write(2), and reserves the descriptors 0 to 2.
  static func run() {
    // A closed reader (EPIPE) and `ulimit -f` (EFBIG) are reported with a hint; a signal would end the process and leave a partial file.
    signal(SIGPIPE, SIG_IGN)
    signal(SIGXFSZ, SIG_IGN)
    occupyStandardDescriptors()
  }

  /// Bytes that a program may need beyond its memory at start: thread stacks, queues, a batch.
  private static let headroom: UInt = 256 << 20

  /// Rejects a limit on virtual memory (`ulimit -v`) that is too small to create a thread or a buffer: Swift would end the process with a
  /// backtrace, and the thread library would wait for memory permanently.
  static func checkMemory() throws(CommandError) {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0, limit.rlim_cur != rlim_t.max else { return }
    let needed = virtualMemory() + headroom
    guard limit.rlim_cur >= needed else {
      throw CommandError(.internal, "the limit on virtual memory is too small: ulimit -v \(limit.rlim_cur >> 10), needed: \(needed >> 10)")
    }
    // If memory runs out later, the runtime reports it in one line.
    signal(SIGABRT, endWithoutBacktrace)
  }

  /// Bytes that the process has mapped; 0 if /proc is missing.
  private static func virtualMemory() -> UInt {
    guard let file = fopen("/proc/self/statm", "r") else { return 0 }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 128)
    guard fgets(&line, Int32(line.count), file) != nil else { return 0 }
    return strtoul(line, nil, 10) * UInt(max(0, sysconf(Int32(_SC_PAGESIZE))))
  }

  /// The number of a closed standard descriptor (`>&-`) would go to the next file or socket that is opened, and standard output would be written
  /// to a database connection. /dev/null takes its place, opened so that reading standard input and writing standard output still fail;
  /// standard error is discarded.
  private static func occupyStandardDescriptors() {
    for (descriptor, mode) in [(STDIN_FILENO, O_WRONLY), (STDOUT_FILENO, O_RDONLY), (STDERR_FILENO, O_WRONLY)]
    where fcntl(descriptor, F_GETFD) < 0 {
      // open(2) returns the lowest free number, which is this one, since those below it are in use.
      _ = open("/dev/null", mode)
    }
  }
}

/// A signal handler: a global function that calls only async-signal-safe functions.
private func endWithoutBacktrace(_ signal: Int32) { _exit(ExitCode.internal.rawValue) }
