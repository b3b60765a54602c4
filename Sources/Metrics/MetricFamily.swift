import Synchronization

/// The samples of one metric name, distinguished by their label values.
final class MetricFamily: Sendable {
  enum Kind: String { case counter, gauge }

  let name: String
  let help: String
  let kind: Kind
  let labels: [String]
  private let samples = Mutex<[[String]: MetricSample]>([:])

  init(name: String, help: String, kind: Kind, labels: [String]) {
    precondition(Self.isName(name, colons: true), "\(name) is not a valid metric name")
    precondition(labels.allSatisfy { Self.isName($0, colons: false) && !$0.hasPrefix("__") }, "\(labels) are not valid label names")
    self.name = name
    self.help = help
    self.kind = kind
    self.labels = labels
  }

  /// The sample for these label values, created on first use.
  func sample(_ values: [String]) -> MetricSample {
    precondition(values.count == labels.count, "\(name) has the labels \(labels)")
    return samples.withLock { samples in
      if let sample = samples[values] { return sample }
      let sample = MetricSample()
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
    var out = "# HELP \(name) \(Self.escaped(help, quotes: false))\n# TYPE \(name) \(kind.rawValue)\n"
    for (values, sample) in samples {
      let pairs = zip(labels, values).map { $0 + "=\"" + Self.escaped($1, quotes: true) + "\"" }
      out += name + (pairs.isEmpty ? "" : "{" + pairs.joined(separator: ",") + "}") + " " + Self.number(sample.value) + "\n"
    }
    return out
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
