/// Against DNS rebinding: a page elsewhere can make a browser's name for it point to 127.0.0.1, and then read what a server there says.
/// Such a request still carries the foreign name in `Host`, so a server bound to this machine only answers to this machine's names.
public struct HostCheck: Sendable, Equatable {
  /// Names that may stand in `Host`, in lower case, without a port; nil: any.
  private let names: Set<String>?

  /// `boundTo` is the host a server listens on; `allowed` adds names (a proxy's).
  public init(boundTo host: String, allowed: [String] = []) {
    let loopback = host == "localhost" || host == "::1" || host.hasPrefix("127.")
    names = loopback ? Set(["localhost", "127.0.0.1", "::1", host.lowercased()] + allowed.map { $0.lowercased() }) : nil
  }

  /// Whether a request with this `Host` field may be answered.
  public func admits(_ field: String?) -> Bool {
    guard let names else { return true }
    guard let field, let name = Self.name(in: field) else { return false }
    return names.contains(name)
  }

  /// The host of `host[:port]`, an IPv6 address without its brackets; nil if it is neither.
  static func name(in field: String) -> String? {
    var rest = Substring(field)
    var name: Substring
    if rest.first == "[" {
      guard let end = rest.firstIndex(of: "]") else { return nil }
      name = rest[rest.index(after: rest.startIndex)..<end]
      rest = rest[rest.index(after: end)...]
    } else {
      name = rest.prefix { $0 != ":" }
      rest = rest[name.endIndex...]
    }
    if rest.first == ":" {
      rest = rest.dropFirst()
      guard rest.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else { return nil }
    } else if !rest.isEmpty {
      return nil
    }
    if name.last == "." { name = name.dropLast() }
    return name.isEmpty ? nil : name.lowercased()
  }
}
