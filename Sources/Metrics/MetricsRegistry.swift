import Synchronization

/// The numbers of one program, and their text for Prometheus (exposition format 0.0.4). Any thread may use it.
///
/// Ask for a counter or gauge once and keep it: asking looks it up, changing it is an atomic operation.
public final class MetricsRegistry: Sendable {
  private struct State {
    var families: [MetricFamily] = []
    var collectors: [@Sendable () -> Void] = []
  }

  private let state = Mutex(State())

  public init() {}

  public func counter(_ name: String, help: String) -> Counter {
    Counter(sample: family(name, help, .counter, []).sample([]))
  }

  public func counter(_ name: String, help: String, labels: [String]) -> CounterFamily {
    CounterFamily(family: family(name, help, .counter, labels))
  }

  public func gauge(_ name: String, help: String) -> Gauge {
    Gauge(sample: family(name, help, .gauge, []).sample([]))
  }

  public func gauge(_ name: String, help: String, labels: [String]) -> GaugeFamily {
    GaugeFamily(family: family(name, help, .gauge, labels))
  }

  /// `action` runs each time before the text is made: for numbers that are read, not counted.
  public func addCollector(_ action: @escaping @Sendable () -> Void) {
    state.withLock { $0.collectors.append(action) }
  }

  public func text() -> String {
    for collect in state.withLock({ $0.collectors }) { collect() }
    return state.withLock { $0.families }.map(\.text).joined()
  }

  /// The same name again gives the same family; with another kind or other labels it is a programmer's mistake.
  private func family(_ name: String, _ help: String, _ kind: MetricFamily.Kind, _ labels: [String]) -> MetricFamily {
    state.withLock { state in
      if let known = state.families.first(where: { $0.name == name }) {
        precondition(known.kind == kind && known.labels == labels, "\(name) is there already, as another metric")
        return known
      }
      let family = MetricFamily(name: name, help: help, kind: kind, labels: labels)
      state.families.append(family)
      return family
    }
  }
}
