/// One event of a stream (WHATWG HTML, "Server-sent events").
public struct ServerSentEvent: Sendable, Equatable {
  public let name: String?
  public let id: String?
  public let data: String

  public init(name: String? = nil, id: String? = nil, data: String) {
    self.name = name
    self.id = id
    self.data = data
  }

  /// As it goes over the wire. A line break within `data` starts another data line; in a name or id it would start another field, so it is dropped.
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
