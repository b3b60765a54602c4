/// One event of a stream (WHATWG HTML, "Server-sent events").
public struct ServerSentEvent: Sendable, Equatable {
  /// The `event` field; nil for a message event.
  public let name: String?
  /// The `id` field.
  public let id: String?
  /// The data; it may have several lines.
  public let data: String

  /// An event with its fields.
  public init(name: String? = nil, id: String? = nil, data: String) {
    self.name = name
    self.id = id
    self.data = data
  }

  /// The event as sent. A line break in `data` starts another data line; in a name or id it would start another field, so it is removed.
  var bytes: [UInt8] {
    var text = ""
    if let name { text += "event: " + Self.oneLine(name) + "\n" }
    if let id { text += "id: " + Self.oneLine(id) + "\n" }
    for line in data.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) { text += "data: " + line + "\n" }
    return Array((text + "\n").utf8)
  }

  private static func oneLine(_ text: String) -> String {
    text.filter { !$0.isNewline && $0 != "\0" }
  }
}
