/// Metrics in Prometheus's text format 0.0.4, parsed strictly: what `promtool check metrics` rejects is an error here too.
package struct PrometheusText {
  /// A fault in the text, with the line that has it.
  package struct Fault: Error, CustomStringConvertible {
    /// What is wrong, and where.
    package let description: String
  }

  /// The metrics of one name.
  package struct Family: Equatable {
    /// counter, gauge or histogram.
    package let kind: String
    /// The values by sample name and labels as written: `a_total{x="1"}`.
    package fileprivate(set) var samples: [String: Double] = [:]
  }

  /// The families by name.
  package private(set) var families: [String: Family] = [:]

  /// Parses the text of one scrape. Throws a ``Fault`` if it is not valid or a name is against Prometheus's conventions.
  package init(_ text: String) throws {
    guard text.hasSuffix("\n") else { throw Fault(description: "the last line has no end") }
    var help: Substring?
    var current: Substring = ""
    for line in text.dropLast().split(separator: "\n", omittingEmptySubsequences: false) {
      if let match = line.wholeMatch(of: /# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) (.+)/) {
        guard help == nil, families[String(match.1)] == nil else { throw Fault(description: "second HELP: \(line)") }
        help = match.1
      } else if let match = line.wholeMatch(of: /# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge|histogram)/) {
        guard help == match.1 else { throw Fault(description: "TYPE without the HELP before it: \(line)") }
        (help, current) = (nil, match.1)
        families[String(match.1)] = Family(kind: String(match.2))
        try Self.checkName(String(match.1), kind: String(match.2))
      } else {
        try add(line, to: String(current))
      }
    }
    for (name, family) in families { try Self.check(family, name) }
  }

  /// The value of a sample: `value("a_total", #"x="1""#)`; otherwise nil.
  package func value(_ name: String, _ labels: String = "") -> Double? {
    let sample = labels.isEmpty ? name : "\(name){\(labels)}"
    return families.values.lazy.compactMap { $0.samples[sample] }.first
  }

  private mutating func add(_ line: Substring, to family: String) throws {
    let label = #/[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\[\\"n])*"/#
    let pattern = #/([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{((?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\[\\"n])*",?)+)\})? (\S+)/#
    guard let match = line.wholeMatch(of: pattern), match.2?.hasSuffix(",") != true else {
      throw Fault(description: "not a sample: \(line)")
    }
    let names = (match.2 ?? "").matches(of: label).map { $0.output.prefix { $0 != "=" } }
    guard Set(names).count == names.count else { throw Fault(description: "a label occurs twice: \(line)") }
    let suffixes = families[family]?.kind == "histogram" ? ["_bucket", "_sum", "_count"] : [""]
    guard suffixes.contains(where: { family + $0 == match.1 }) else { throw Fault(description: "outside its family: \(line)") }
    guard let value = match.3 == "+Inf" ? .infinity : match.3 == "-Inf" ? -.infinity : Double(match.3) else {
      throw Fault(description: "not a number: \(line)")
    }
    let sample = String(line.dropLast(match.3.count + 1))
    guard families[family]?.samples.updateValue(value, forKey: sample) == nil else { throw Fault(description: "occurs twice: \(line)") }
  }

  private static func checkName(_ name: String, kind: String) throws {
    let suffix = ["_total", "_bucket", "_sum", "_count"].first { name.hasSuffix($0) }
    guard suffix == (kind == "counter" ? "_total" : nil) else { throw Fault(description: "not a name of a \(kind): \(name)") }
    let unit = name.split(separator: "_").first { ["milliseconds", "ms", "minutes", "kb", "kilobytes", "mb", "percent"].contains($0) }
    if let unit { throw Fault(description: "\(unit) is not a base unit: \(name)") }
  }

  /// The buckets of a histogram are cumulative, and the last one has all values.
  private static func check(_ family: Family, _ name: String) throws {
    if family.samples.isEmpty { throw Fault(description: "no samples: \(name)") }
    if family.kind == "counter", let low = family.samples.first(where: { !($0.value >= 0) }) {
      throw Fault(description: "negative: \(low)")
    }
    guard family.kind == "histogram" else { return }
    var series: [String: [(bound: Double, count: Double)]] = [:]
    for (sample, count) in family.samples {
      guard let match = sample.wholeMatch(of: /[^{]+_bucket\{(?:(.*),)?le="([^"]+)"\}/) else { continue }
      guard let bound = match.2 == "+Inf" ? .infinity : Double(match.2) else { throw Fault(description: "not a bound: \(sample)") }
      series[match.1.map { "{\($0)}" } ?? "", default: []].append((bound, count))
    }
    for (labels, buckets) in series {
      let counts = buckets.sorted { $0.bound < $1.bound }.map(\.count)
      guard counts == counts.sorted(), buckets.contains(where: { $0.bound == .infinity }), family.samples["\(name)_sum\(labels)"] != nil,
        family.samples["\(name)_count\(labels)"] == counts.last
      else { throw Fault(description: "not a histogram: \(name)\(labels)") }
    }
    guard family.samples.count == series.values.reduce(0, { $0 + $1.count + 2 }) else {
      throw Fault(description: "a sum or count without buckets: \(name)")
    }
  }
}
