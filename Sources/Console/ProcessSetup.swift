import Glibc

/// What a program settles before anything else, whatever its parent left it.
enum ProcessSetup {
  /// Makes failures of writing errors of write(2), and keeps the numbers 0 to 2 from files that are opened later.
  static func run() {
    // A reader that has gone (EPIPE) and `ulimit -f` (EFBIG) are told with a remedy; a signal would end the process and leave half a file.
    signal(SIGPIPE, SIG_IGN)
    signal(SIGXFSZ, SIG_IGN)
    occupyStandardDescriptors()
  }

  /// What a program may need beyond what it takes at its start: stacks of its threads, queues, a batch.
  private static let headroom: UInt = 256 << 20

  /// Refuses a limit on virtual memory (`ulimit -v`) with which a thread or a buffer could not be made: Swift would end the process with a
  /// backtrace, and its threads' library would wait for memory permanently.
  static func checkMemory() throws(CommandError) {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0, limit.rlim_cur != rlim_t.max else { return }
    let needed = virtualMemory() + headroom
    guard limit.rlim_cur >= needed else {
      throw CommandError(.software, "the limit on virtual memory is too small: ulimit -v \(limit.rlim_cur >> 10), needed: \(needed >> 10)")
    }
    // Memory that is used up later: the runtime reports it in one line.
    signal(SIGABRT, endWithoutBacktrace)
  }

  /// Bytes that the process has mapped; 0 where /proc is missing.
  private static func virtualMemory() -> UInt {
    guard let file = fopen("/proc/self/statm", "r") else { return 0 }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 128)
    guard fgets(&line, Int32(line.count), file) != nil else { return 0 }
    return strtoul(line, nil, 10) * UInt(max(0, sysconf(Int32(_SC_PAGESIZE))))
  }

  /// Closed (`>&-`), a standard descriptor's number goes to the next file or socket that is opened, and what is meant for standard output
  /// lands in a table's connection. /dev/null takes its place: not to be written as output, not to be read as input, so that
  /// both remain the errors they are; standard error is for nobody then.
  private static func occupyStandardDescriptors() {
    for (descriptor, mode) in [(STDIN_FILENO, O_WRONLY), (STDOUT_FILENO, O_RDONLY), (STDERR_FILENO, O_WRONLY)]
    where fcntl(descriptor, F_GETFD) < 0 {
      // The lowest free number is this one: those below it are taken by now.
      _ = open("/dev/null", mode)
    }
  }
}

/// A signal handler, so a global function that calls only what is safe in one.
private func endWithoutBacktrace(_ signal: Int32) { _exit(ExitCode.software.rawValue) }
