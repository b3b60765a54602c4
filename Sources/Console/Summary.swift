/// One line of JSON on standard output, for a machine: `{"topic":"netflix","read":21}`. Keys keep their order.
public struct Summary {
  private var members: [String] = []

  public init() {}

  public mutating func add(_ key: String, _ value: String) { append(key, Self.quoted(value)) }
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

  private mutating func append(_ key: String, _ json: String) { members.append("\(Self.quoted(key)):\(json)") }

  public var line: String { "{\(members.joined(separator: ","))}" }

  /// Writes the line at once. A reader that has gone is no failure of what the summary tells of.
  ///
  /// - Throws: ``Failure`` (73) where output cannot be written.
  public func write() throws {
    do { try StandardOutput.print(line) } catch is OutputClosed {}
  }

  /// A JSON string (RFC 8259 §7).
  public static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case _ where scalar.value < 0x20:
        let hex = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
