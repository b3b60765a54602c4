import Glibc

extension MetricsRegistry {
  /// Adds the process's memory, CPU time and start time, under the names that Prometheus's client libraries use.
  public func addProcessMetrics() {
    let memory = gauge("process_resident_memory_bytes", help: "Resident memory size in bytes.")
    let seconds = counter("process_cpu_seconds_total", help: "Total user and system CPU time spent in seconds.")
    let started = gauge("process_start_time_seconds", help: "Start time of the process since unix epoch in seconds.")
    started.set(Double(time(nil)))
    addCollector {
      if let bytes = Self.residentBytes() { memory.set(Double(bytes)) }
      var usage = rusage()
      if getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 {
        let total = Self.seconds(usage.ru_utime) + Self.seconds(usage.ru_stime)
        seconds.sample.set(total)
      }
    }
  }

  private static func seconds(_ time: timeval) -> Double {
    Double(time.tv_sec) + Double(time.tv_usec) / 1_000_000
  }

  /// The second number of /proc/self/statm is the resident set in pages.
  private static func residentBytes() -> Int? {
    let file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var buffer = [UInt8](repeating: 0, count: 128)
    let count = read(file, &buffer, buffer.count)
    guard count > 0 else { return nil }
    let fields = String(decoding: buffer.prefix(count), as: UTF8.self).split(separator: " ")
    guard fields.count > 1, let pages = Int(fields[1]) else { return nil }
    return pages * sysconf(Int32(_SC_PAGESIZE))
  }
}
