import Synchronization

/// The metrics of one program, and their text for Prometheus (exposition format 0.0.4). Thread-safe.
///
/// Get a counter or gauge once and keep it: getting it is a lookup, changing it is an atomic operation.
public final class MetricsRegistry: Sendable {
  private struct State {
    var families: [MetricFamily] = []
    var collectors: [@Sendable () -> Void] = []
  }

  private let state = Mutex(State())

  /// A registry without metrics.
  public init() {}

  /// The counter with this name, created on first use.
  public func counter(_ name: String, help: String) -> Counter {
    Counter(sample: family(name, help, .counter, []).sample([]))
  }

  /// The counters with this name and these labels, created on first use.
  public func counter(_ name: String, help: String, labels: [String]) -> CounterFamily {
    CounterFamily(family: family(name, help, .counter, labels))
  }

  /// The gauge with this name, created on first use.
  public func gauge(_ name: String, help: String) -> Gauge {
    Gauge(sample: family(name, help, .gauge, []).sample([]))
  }

  /// The gauges with this name and these labels, created on first use.
  public func gauge(_ name: String, help: String, labels: [String]) -> GaugeFamily {
    GaugeFamily(family: family(name, help, .gauge, labels))
  }

  /// Runs `action` before each scrape, for values that are read, not counted.
  public func addCollector(_ action: @escaping @Sendable () -> Void) {
    state.withLock { $0.collectors.append(action) }
  }

  /// All metrics in Prometheus's text format.
  public func text() -> String {
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
