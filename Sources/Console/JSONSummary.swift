import JSONText

/// One line of JSON on standard output: `{"topic":"netflix","read":21}`. Keys keep their order.
public struct JSONSummary {
  private var members: [String] = []

  /// An empty object.
  public init() {}

  /// Adds a string.
  public mutating func add(_ key: String, _ value: String) { append(key, JSONString.quoted(value)) }
  /// Adds an integer.
  public mutating func add(_ key: String, _ value: Int) { append(key, "\(value)") }
  /// Adds a Boolean.
  public mutating func add(_ key: String, _ value: Bool) { append(key, value ? "true" : "false") }
  /// Adds a duration in seconds, rounded to three decimals.
  public mutating func add(_ key: String, seconds: Double) {
    let rounded = (seconds * 1000).rounded() / 1000
    append(key, rounded == rounded.rounded() && rounded.magnitude < 1e15 ? "\(Int(rounded)).0" : "\(rounded)")
  }
  /// Adds a duration in seconds, rounded to three decimals.
  public mutating func add(_ key: String, _ value: Duration) {
    let parts = value.components
    add(key, seconds: Double(parts.seconds) + Double(parts.attoseconds) * 1e-18)
  }
  /// Adds a value that is already JSON.
  public mutating func add(_ key: String, json: String) { append(key, json) }

  private mutating func append(_ key: String, _ json: String) { members.append("\(JSONString.quoted(key)):\(json)") }

  /// The object without a line break.
  public var line: String { "{\(members.joined(separator: ","))}" }

  /// Writes the line at once. A closed standard output is not an error, because the work itself succeeded.
  ///
  /// - Throws: ``CommandError`` (73) if the output cannot be written.
  public func write() throws {
    do { try StandardOutput.print(line) } catch is BrokenPipe {}
  }
}
