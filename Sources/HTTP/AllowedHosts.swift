/// Protection against DNS rebinding: a page of another site can point its host name to 127.0.0.1, and then read the responses of a server
/// there. Such a request still carries the foreign name in `Host`, so a server bound to a loopback address only accepts local names.
package struct AllowedHosts: Sendable, Equatable {
  /// Names that are allowed in `Host`, in lower case, without a port; nil: any.
  private let names: Set<String>?
  private let option: String?

  /// `boundTo` is the host that the server listens on; `allowed` adds names, such as a proxy's; `option` is the command-line option that adds one.
  package init(boundTo host: String, allowed: [String] = [], option: String? = nil) {
    self.option = option
    let loopback = host == "localhost" || host == "::1" || host.hasPrefix("127.")
    names =
      loopback ? Set(["localhost", "127.0.0.1", "::1", host.lowercased()] + allowed.map { Self.name(in: $0) ?? $0.lowercased() }) : nil
  }

  /// Whether a request with this `Host` field is accepted.
  package func admits(_ field: String?) -> Bool {
    guard let names else { return true }
    guard let field, let name = Self.name(in: field) else { return false }
    return names.contains(name)
  }

  /// The error response, with a hint, for a request with this `Host` field; nil if the request is accepted.
  func refusal(of field: String?) -> ProblemDetails? {
    if admits(field) { return nil }
    var detail = "This server only accepts the names of this machine, not \"\(field?.prefix(80) ?? "")\"."
    if let option, let name = field.flatMap(Self.allowedName) { detail += " Start it with \(option) \(name) to answer to this name too." }
    return ProblemDetails(status: 421, detail: detail)
  }

  /// The name as ``admits(_:)`` compares it: in lower case, without port or brackets; nil if it is not a valid host name.
  package static func allowedName(_ text: String) -> String? {
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

  /// The host of `host[:port]`, an IPv6 address without its brackets; nil if the field has another form.
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

/// Sent with every response unless it sets the field itself: no content from other origins, no framing, no MIME sniffing, no referrer.
enum SecurityHeaders {
  static let fields: [(name: String, value: String)] = [
    (
      "Content-Security-Policy",
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; manifest-src 'self'; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=()"),
  ]
}
