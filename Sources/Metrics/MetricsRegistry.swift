import Glibc
import Synchronization

/// The metrics of one program, and their text for Prometheus (exposition format 0.0.4). Thread-safe.
///
/// Get a metric once and keep it: getting it is a lookup, changing it is an atomic operation.
///
/// A name ends in its base unit (`_seconds`, `_bytes`), a counter's name in `_total`: https://prometheus.io/docs/practices/naming.
package final class MetricsRegistry: Sendable {
  private struct State {
    var families: [MetricFamily] = []
    var collectors: [@Sendable () -> Void] = []
  }

  private let state = Mutex(State())

  /// A registry without metrics.
  package init() {}

  /// The counter with this name, created on first use.
  package func counter(_ name: String, help: String) -> Counter {
    Counter(sample: family(name, help, .counter, []).sample([])[0])
  }

  /// The counters with this name and these labels, created on first use.
  package func counter(_ name: String, help: String, labels: [String]) -> CounterFamily {
    CounterFamily(family: family(name, help, .counter, labels))
  }

  /// The gauge with this name, created on first use.
  package func gauge(_ name: String, help: String) -> Gauge {
    Gauge(sample: family(name, help, .gauge, []).sample([])[0])
  }

  /// The gauges with this name and these labels, created on first use.
  package func gauge(_ name: String, help: String, labels: [String]) -> GaugeFamily {
    GaugeFamily(family: family(name, help, .gauge, labels))
  }

  /// The histograms with this name and these labels, created on first use.
  ///
  /// - Parameter buckets: the upper bounds of the buckets, ascending; one without a bound is added.
  package func histogram(_ name: String, help: String, labels: [String], buckets: [Double] = Histogram.requestSeconds) -> HistogramFamily {
    HistogramFamily(family: family(name, help, .histogram(buckets), labels))
  }

  /// Runs `action` before each scrape, for values that are read, not counted.
  package func addCollector(_ action: @escaping @Sendable () -> Void) {
    state.withLock { $0.collectors.append(action) }
  }

  /// All metrics in Prometheus's text format.
  package func text() -> String {
    for collect in state.withLock({ $0.collectors }) { collect() }
    return state.withLock { $0.families }.map(\.text).joined()
  }

  /// The same name returns the same family; another kind or other labels are a programming error.
  private func family(_ name: String, _ help: String, _ kind: MetricFamily.Kind, _ labels: [String]) -> MetricFamily {
    state.withLock { state in
      if let known = state.families.first(where: { $0.name == name }) {
        precondition(known.kind == kind && known.labels == labels, "\(name) is already registered as another metric")
        return known
      }
      let family = MetricFamily(name: name, help: help, kind: kind, labels: labels)
      state.families.append(family)
      return family
    }
  }
}

extension MetricsRegistry {
  /// Adds the process's memory, CPU time and start time, under the names that Prometheus's client libraries use.
  package func addProcessMetrics() {
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

  /// Adds `netflix_build_info`, the gauge with which queries add the version to other metrics; its value is always 1.
  package func addBuildInfo(version: String) {
    gauge("netflix_build_info", help: "The version of the program; the value is always 1.", labels: ["version"])[version].set(1)
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

/// The samples of one metric name, distinguished by their label values.
final class MetricFamily: Sendable {
  enum Kind: Equatable {
    case counter, gauge
    /// With the upper bounds of its buckets.
    case histogram([Double])

    /// The suffix of a counter's name, and of no other.
    static let total = "_total"

    var name: String {
      switch self {
      case .counter: "counter"
      case .gauge: "gauge"
      case .histogram: "histogram"
      }
    }

    /// A histogram has one number per bucket, one for the bucket without a bound, and the sum; the others have one number.
    var numbers: Int {
      if case .histogram(let bounds) = self { bounds.count + 2 } else { 1 }
    }
  }

  let name: String
  let help: String
  let kind: Kind
  let labels: [String]
  private let samples = Mutex<[[String]: [MetricSample]]>([:])

  init(name: String, help: String, kind: Kind, labels: [String]) {
    if let mistake = Self.mistake(name: name, help: help, kind: kind, labels: labels) { preconditionFailure(mistake) }
    self.name = name
    self.help = help
    self.kind = kind
    self.labels = labels
  }

  /// What is wrong with a definition; nil if it follows Prometheus' rules.
  static func mistake(name: String, help: String, kind: Kind, labels: [String]) -> String? {
    if !isName(name, colons: true) { return "\(name) is not a valid metric name" }
    if name.hasSuffix(Kind.total) != (kind == .counter) { return "\(name): the name of a counter, and of no other metric, ends in _total" }
    if help.isEmpty { return "\(name) has no help" }
    if !labels.allSatisfy({ isName($0, colons: false) && !$0.hasPrefix("__") && $0 != "le" }) {
      return "\(labels) are not valid label names"
    }
    if case .histogram(let bounds) = kind, !(zip(bounds, bounds.dropFirst()).allSatisfy { $0 < $1 } && bounds.allSatisfy(\.isFinite)) {
      return "\(bounds) are not ascending"
    }
    return nil
  }

  /// The numbers of the sample with these label values, created on first use.
  func sample(_ values: [String]) -> [MetricSample] {
    precondition(values.count == labels.count, "\(name) has the labels \(labels)")
    return samples.withLock { samples in
      if let sample = samples[values] { return sample }
      let sample = (0..<kind.numbers).map { _ in MetricSample() }
      samples[values] = sample
      return sample
    }
  }

  /// Removes a sample that no longer applies, such as that of a partition assigned to another consumer.
  func remove(_ values: [String]) {
    _ = samples.withLock { $0.removeValue(forKey: values) }
  }

  /// The family in Prometheus's text format 0.0.4; empty if it has no samples.
  var text: String {
    let samples = samples.withLock { $0 }.sorted { $0.key.lexicographicallyPrecedes($1.key) }
    if samples.isEmpty { return "" }
    var out = "# HELP \(name) \(Self.escaped(help, quotes: false))\n# TYPE \(name) \(kind.name)\n"
    for (values, sample) in samples {
      let pairs = Array(zip(labels, values))
      if case .histogram(let bounds) = kind {
        var count = 0.0
        for (bound, inBucket) in zip(bounds + [.infinity], sample) {
          count += inBucket.value
          out += line("_bucket", pairs + [("le", Self.number(bound))], count)
        }
        out += line("_sum", pairs, sample[bounds.count + 1].value) + line("_count", pairs, count)
      } else {
        out += line("", pairs, sample[0].value)
      }
    }
    return out
  }

  private func line(_ suffix: String, _ labels: [(name: String, value: String)], _ value: Double) -> String {
    let pairs = labels.map { $0.name + "=\"" + Self.escaped($0.value, quotes: true) + "\"" }
    return name + suffix + (pairs.isEmpty ? "" : "{" + pairs.joined(separator: ",") + "}") + " " + Self.number(value) + "\n"
  }

  static func number(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
    if let whole = Int64(exactly: value) { return String(whole) }
    return String(value)
  }

  private static func escaped(_ text: String, quotes: Bool) -> String {
    var out = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": out += "\\\\"
      case "\n": out += "\\n"
      case "\"" where quotes: out += "\\\""
      default: out.unicodeScalars.append(scalar)
      }
    }
    return out
  }

  private static func isName(_ text: String, colons: Bool) -> Bool {
    guard let first = text.utf8.first, !(0x30...0x39).contains(first) else { return false }
    return text.utf8.allSatisfy { byte in
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x5F: true
      case 0x3A: colons
      default: false
      }
    }
  }
}

/// A number that only increases: rows, bytes, seconds.
package struct Counter: Sendable {
  let sample: MetricSample

  /// The current total.
  package var value: Double { sample.value }

  /// Adds an amount; a negative amount or NaN is ignored.
  package func add(_ amount: Double = 1) {
    if amount > 0 { sample.add(amount) }
  }

  /// Adds a whole amount.
  package func add(_ amount: Int) { add(Double(amount)) }

  /// Adds the seconds of a duration.
  package func add(_ duration: Duration) { add(duration / .seconds(1)) }
}

/// Counters with one name, one per combination of label values: `batches["committed"].add()`.
package struct CounterFamily: Sendable {
  let family: MetricFamily

  /// The counter for the label values, given in the order of the labels, one per label.
  package subscript(values: String...) -> Counter { Counter(sample: family.sample(values)[0]) }

  /// Removes the counter for the label values.
  package func remove(_ values: String...) { family.remove(values) }
}

/// A number that can go up and down: lag, open connections.
package struct Gauge: Sendable {
  let sample: MetricSample

  /// The current value.
  package var value: Double { sample.value }

  /// Sets the value.
  package func set(_ value: Double) { sample.set(value) }

  /// Sets a whole value.
  package func set(_ value: Int) { sample.set(Double(value)) }

  /// Adds an amount, which may be negative.
  package func add(_ amount: Double) { sample.add(amount) }
}

/// Gauges with one name, one per combination of label values: `lag["netflix", "0"].set(12)`.
package struct GaugeFamily: Sendable {
  let family: MetricFamily

  /// The gauge for the label values, given in the order of the labels, one per label.
  package subscript(values: String...) -> Gauge { Gauge(sample: family.sample(values)[0]) }

  /// Removes the gauge for the label values.
  package func remove(_ values: String...) { family.remove(values) }
}

/// The distribution of a quantity: how many values are at most each bound, their sum and their number.
package struct Histogram: Sendable {
  /// Bounds in seconds for HTTP requests: from a response in the cache to a forecast that takes seconds.
  package static let requestSeconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

  let bounds: [Double]
  let sample: [MetricSample]

  /// Counts a value; NaN is ignored.
  package func observe(_ value: Double) {
    guard !value.isNaN else { return }
    sample[bounds.firstIndex { value <= $0 } ?? bounds.count].add(1)
    sample[bounds.count + 1].add(value)
  }

  /// Counts the seconds of a duration.
  package func observe(_ duration: Duration) { observe(duration / .seconds(1)) }
}

/// Histograms with one name, one per combination of label values: `seconds["/api/series"].observe(duration)`.
package struct HistogramFamily: Sendable {
  let family: MetricFamily

  /// The histogram for the label values, given in the order of the labels, one per label.
  package subscript(values: String...) -> Histogram {
    guard case .histogram(let bounds) = family.kind else { preconditionFailure("\(family.name) is a \(family.kind.name)") }
    return Histogram(bounds: bounds, sample: family.sample(values))
  }
}

/// One number that any thread may change: an atomic with a Double's bits, so a change costs some nanoseconds and no lock.
final class MetricSample: Sendable {
  private let bits = Atomic<UInt64>(0)

  var value: Double { Double(bitPattern: bits.load(ordering: .relaxed)) }

  func set(_ value: Double) {
    bits.store(value.bitPattern, ordering: .relaxed)
  }

  func add(_ amount: Double) {
    var old = bits.load(ordering: .relaxed)
    while true {
      let new = (Double(bitPattern: old) + amount).bitPattern
      let (exchanged, original) = bits.weakCompareExchange(expected: old, desired: new, ordering: .relaxed)
      if exchanged { return }
      old = original
    }
  }
}
