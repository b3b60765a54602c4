import Glibc

/// Removes a server's folder, and ends the server, when this process is gone: also after a SIGKILL.
///
/// A shell waits at the end of a pipe whose other end only this process holds; the kernel closes it with the process.
struct CleanupWatchdog {
  private let shell: ChildProcess
  private let pipe: Int32

  static let script = """
    read -r word
    [ "$word" = keep ] && exit 0
    pid=$(head -n 1 "$1/data/postmaster.pid" 2>/dev/null)
    # The file may be an old one and the number another process's by now.
    if [ -n "$pid" ] && [ "$(readlink "/proc/$pid/cwd")" = "$1/data" ]; then
      kill -QUIT "$pid" 2>/dev/null
      tries=0
      while [ -e "/proc/$pid/cwd" ] && [ "$tries" -lt 100 ]; do sleep 0.05; tries=$((tries + 1)); done
    fi
    rm -rf "$1" 2>/dev/null || { sleep 1; rm -rf "$1"; }
    """

  init(folder: String) throws(DevServicesError) {
    var ends: [Int32] = [-1, -1]
    guard Glibc.pipe(&ends) == 0 else { throw DevServicesError("pipe: \(String(cString: strerror(errno)))") }
    // No program that we start later may hold the other end.
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    defer { Glibc.close(ends[0]) }
    do {
      shell = try ChildProcess.start("/bin/sh", ["-c", Self.script, "sh", folder], in: "/", input: ends[0], log: "/dev/null")
    } catch {
      Glibc.close(ends[1])
      throw error
    }
    pipe = ends[1]
  }

  /// Removes the folder now.
  func remove() {
    Glibc.close(pipe)
    shell.wait()
  }

  /// Leaves everything as it is.
  func keep() {
    let word = Array("keep\n".utf8)
    _ = write(pipe, word, word.count)
    remove()
  }
}
