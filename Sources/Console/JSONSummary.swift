import JSONText

/// One line of JSON on standard output, for a machine: `{"topic":"netflix","read":21}`. Keys keep their order.
public struct JSONSummary {
  private var members: [String] = []

  public init() {}

  public mutating func add(_ key: String, _ value: String) { append(key, JSONString.quoted(value)) }
  public mutating func add(_ key: String, _ value: Int) { append(key, "\(value)") }
  public mutating func add(_ key: String, _ value: Bool) { append(key, value ? "true" : "false") }
  /// To three decimal places: a duration in seconds.
  public mutating func add(_ key: String, seconds: Double) {
    let rounded = (seconds * 1000).rounded() / 1000
    append(key, rounded == rounded.rounded() && rounded.magnitude < 1e15 ? "\(Int(rounded)).0" : "\(rounded)")
  }
  public mutating func add(_ key: String, _ value: Duration) {
    let parts = value.components
    add(key, seconds: Double(parts.seconds) + Double(parts.attoseconds) * 1e-18)
  }
  /// A value that is JSON already.
  public mutating func add(_ key: String, json: String) { append(key, json) }

  private mutating func append(_ key: String, _ json: String) { members.append("\(JSONString.quoted(key)):\(json)") }

  public var line: String { "{\(members.joined(separator: ","))}" }

  /// Writes the line at once. A reader that has gone is no failure of what the summary tells of.
  ///
  /// - Throws: ``CommandError`` (73) where output cannot be written.
  public func write() throws {
    do { try StandardOutput.print(line) } catch is BrokenPipe {}
  }
}
