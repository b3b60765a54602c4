/// Against DNS rebinding: a page elsewhere can make a browser's name for it point to 127.0.0.1, and then read what a server there says.
/// Such a request still carries the foreign name in `Host`, so a server bound to this machine only answers to this machine's names.
public struct AllowedHosts: Sendable, Equatable {
  /// Names that may stand in `Host`, in lower case, without a port; nil: any.
  private let names: Set<String>?
  private let option: String?

  /// `boundTo` is the host a server listens on; `allowed` adds names (a proxy's), as the `option` of the program does.
  public init(boundTo host: String, allowed: [String] = [], option: String? = nil) {
    self.option = option
    let loopback = host == "localhost" || host == "::1" || host.hasPrefix("127.")
    names =
      loopback ? Set(["localhost", "127.0.0.1", "::1", host.lowercased()] + allowed.map { Self.name(in: $0) ?? $0.lowercased() }) : nil
  }

  /// Whether a request with this `Host` field may be answered.
  public func admits(_ field: String?) -> Bool {
    guard let names else { return true }
    guard let field, let name = Self.name(in: field) else { return false }
    return names.contains(name)
  }

  /// Why a request with this `Host` field is not answered, and what to do about it; nil: it is answered.
  func refusal(of field: String?) -> ProblemDetails? {
    if admits(field) { return nil }
    var detail = "This server answers to the names of this machine only, not to “\(field?.prefix(80) ?? "")”."
    if let option, let name = field.flatMap(Self.allowedName) { detail += " Start it with \(option) \(name) to answer to this name too." }
    return ProblemDetails(status: 421, detail: detail)
  }

  /// The name in the form that ``admits(_:)`` compares: in lower case, without port or brackets; nil where a `Host` field cannot have it.
  public static func allowedName(_ text: String) -> String? {
    guard let name = name(in: text) else { return nil }
    let isAddress = name.contains(":")
    let fits = name.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
        UInt8(ascii: "_"):
        true
      default: isAddress && byte == UInt8(ascii: ":")
      }
    }
    return fits ? name : nil
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
