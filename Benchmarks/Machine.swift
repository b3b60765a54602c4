import Console
import Glibc
import Kafka
import Processes

/// The machine and the software versions of the measurement.
enum Machine {
  static func description(_ server: BenchServer) -> String {
    let processor = field("model name", in: "/proc/cpuinfo") ?? "unknown processor"
    let memory = field("MemTotal", in: "/proc/meminfo").flatMap { Int($0.split(separator: " ").first ?? "") } ?? 0
    let system = field("PRETTY_NAME", in: "/etc/os-release", separator: "=")?.filter { $0 != "\"" } ?? "Linux"
    let postgres = ((try? server.query("SHOW server_version"))?.first?.first ?? nil) ?? "?"
    let script = #"kcat -V | sed -n 's/^Version \([0-9.]*\).*\(librdkafka [0-9.]*\).*/kcat \1 with \2/p'"#
    let kcat = (try? ProcessResult.run("/bin/sh", ["-c", script]))?.output.filter { $0 != "\n" } ?? ""
    return """
      \(processor), \(sysconf(Int32(_SC_NPROCESSORS_ONLN))) processors, \(memory / 1_048_576) GB, \(system)
      Postgres \(postgres); \(kcat); broker at \(server.bootstrapServers); all on this machine, programs as installed
      """
  }

  private static func field(_ name: String, in file: String, separator: Character = ":") -> String? {
    guard let bytes = try? InputFile.contents(file) else { return nil }
    for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
      let parts = line.split(separator: separator, maxSplits: 1)
      guard parts.count == 2, parts[0].prefix(while: { $0 != "\t" }) == name else { continue }
      return String(parts[1].drop(while: { $0 == " " }))
    }
    return nil
  }
}
