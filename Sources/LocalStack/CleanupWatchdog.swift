import Glibc

/// Ends a server and removes its folder when this process ends, even after a SIGKILL.
///
/// A shell reads from a pipe whose other end only this process holds; the kernel closes it when the process ends.
struct CleanupWatchdog {
  private let shell: ChildProcess
  private let pipe: Int32

  static let script = """
    read -r word
    [ "$word" = keep ] && exit 0
    pid=$(head -n 1 "$1/data/postmaster.pid" 2>/dev/null)
    # The file may be stale, and the number may belong to another process.
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
    // No program started later may inherit the other end.
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

  /// Keeps the server and the folder.
  func keep() {
    let word = Array("keep\n".utf8)
    _ = write(pipe, word, word.count)
    remove()
  }
}
