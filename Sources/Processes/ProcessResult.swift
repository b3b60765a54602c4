import Glibc
import SystemIO

/// The result of a completed program: its output and the resources it used.
package struct ProcessResult: Sendable {
  /// The exit status, or 128 + the signal that ended it.
  package let status: Int32
  /// Its standard output.
  package let outputBytes: [UInt8]
  /// Its standard error.
  package let errors: String
  /// The time from start to end.
  package let elapsed: Duration
  /// Its peak resident memory in bytes (getrusage(2)).
  package let peakMemory: Int
  /// User and system time.
  package let processorTime: Duration

  /// Its standard output as text.
  package var output: String { String(decoding: outputBytes, as: UTF8.self) }

  /// Runs a program in its own session, so that Ctrl-C in the terminal reaches this process only.
  ///
  /// - Parameters:
  ///   - path: an absolute path, or a name that is searched in PATH.
  ///   - environment: changes to this process's environment; nil removes a variable.
  ///   - inheritsEnvironment: false: `environment` is the complete environment.
  ///   - folder: its working directory; nil: that of this process.
  ///   - input: the file of its standard input; nil: /dev/null.
  ///   - stop: a descriptor that becomes readable when the program should stop; it then gets SIGTERM.
  package static func run(
    _ path: String, _ arguments: [String], environment: [String: String?] = [:], inheritsEnvironment: Bool = true,
    in folder: String? = nil, input: String? = nil, stop: Int32 = -1
  ) throws(ProcessError) -> ProcessResult {
    let output = try OutputPipe()
    let errors = try OutputPipe()
    let start = ContinuousClock.now
    let pid = try Spawn.start(
      folder.map { Spawn.words(path, arguments, in: $0) } ?? [path] + arguments,
      environment: merged(environment, into: inheritsEnvironment ? Spawn.environment : [:]),
      files: [
        (0, .path(input ?? "/dev/null", flags: O_RDONLY)), (1, .copy(of: output.writer)), (2, .copy(of: errors.writer)),
      ], in: .session)
    output.closeWriter()
    errors.closeWriter()
    var stop = stop
    while output.isOpen || errors.isOpen {
      var ready = [output.descriptor, errors.descriptor, stop].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
      guard poll(&ready, 3, -1) >= 0 else { continue }
      if ready[0].revents != 0 { output.read() }
      if ready[1].revents != 0 { errors.read() }
      if ready[2].revents != 0 {
        kill(pid, SIGTERM)
        stop = -1
      }
    }
    var status: Int32 = 0
    var usage = rusage()
    while wait4(pid, &status, 0, &usage) < 0 && errno == EINTR {}
    return ProcessResult(
      status: Spawn.code(status),
      outputBytes: output.bytes, errors: String(decoding: errors.bytes, as: UTF8.self), elapsed: .now - start,
      peakMemory: usage.ru_maxrss * 1024,
      processorTime: duration(usage.ru_utime) + duration(usage.ru_stime))
  }

  private static func duration(_ time: timeval) -> Duration { .seconds(time.tv_sec) + .microseconds(time.tv_usec) }

  private static func merged(_ changes: [String: String?], into environment: [String: String]) -> [String] {
    var all = environment
    for (name, value) in changes { all[name] = value }
    return all.map { "\($0)=\($1)" }
  }
}

/// The read end of a pipe that a program writes to.
private final class OutputPipe {
  private(set) var descriptor: Int32
  private(set) var writer: Int32
  private(set) var bytes: [UInt8] = []

  init() throws(ProcessError) {
    do { (descriptor, writer) = try Pipe.open() } catch { throw ProcessError("pipe: \(error)") }
  }

  deinit {
    closeWriter()
    if isOpen { close(descriptor) }
  }

  var isOpen: Bool { descriptor >= 0 }

  func closeWriter() {
    if writer >= 0 { close(writer) }
    writer = -1
  }

  func read() {
    var chunk = [UInt8](repeating: 0, count: 65_536)
    let count = Glibc.read(descriptor, &chunk, chunk.count)
    if count > 0 {
      bytes += chunk[..<count]
    } else if count == 0 || errno != EINTR {
      close(descriptor)
      descriptor = -1
    }
  }
}
