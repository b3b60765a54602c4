import Glibc

/// What a program settles before anything else, whatever its parent left it.
enum ProcessStart {
  /// Makes failures of writing errors of write(2), and keeps the numbers 0 to 2 from files that are opened later.
  static func settle() {
    // A reader that has gone (EPIPE) and `ulimit -f` (EFBIG) are told with a remedy; a signal would end the process and leave half a file.
    signal(SIGPIPE, SIG_IGN)
    signal(SIGXFSZ, SIG_IGN)
    occupyStandardDescriptors()
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
