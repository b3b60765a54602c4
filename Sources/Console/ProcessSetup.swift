import Glibc

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
      throw CommandError(.software, "the limit on virtual memory is too small: ulimit -v \(limit.rlim_cur >> 10), needed: \(needed >> 10)")
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
private func endWithoutBacktrace(_ signal: Int32) { _exit(ExitCode.software.rawValue) }
