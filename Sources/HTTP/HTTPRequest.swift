/// A client's request. It has no body: this server is read-only and does not read request bodies.
package struct HTTPRequest: Sendable {
  /// The method, for example `GET`.
  package var method: String
  /// The decoded path and query.
  package var target: RequestTarget
  /// The header fields.
  package var headers: HTTPHeaders
  /// The values of the `{name}` segments of the route that matched.
  package internal(set) var captures: [String: String] = [:]

  /// A request for a target.
  package init(method: String = "GET", target: RequestTarget, headers: HTTPHeaders = HTTPHeaders()) {
    self.method = method
    self.target = target
    self.headers = headers
  }

  /// The decoded path, with a leading slash.
  package var path: String { target.path }

  /// The first value of a query parameter; otherwise nil.
  package func query(_ name: String) -> String? {
    target.parameters.first { $0.name == name }?.value
  }
}

/// A parsed request target: path segments and query parameters, each percent-decoded separately,
/// so that an escaped `/`, `?`, `&` or `=` never changes where a part ends.
package struct RequestTarget: Sendable, Equatable {
  /// A query parameter; the value is empty if there is no `=`.
  package struct Parameter: Sendable, Equatable {
    /// The decoded name.
    package let name: String
    /// The decoded value.
    package let value: String
  }

  /// The decoded path segments; one empty segment for `/`.
  package let segments: [String]
  /// The decoded query parameters, in their order.
  package let parameters: [Parameter]

  /// The decoded path, as the router compares it.
  package var path: String { "/" + segments.joined(separator: "/") }

  /// Nil if the target is not in origin form (`/path?query`) or cannot be decoded.
  package init?(_ target: some BidirectionalCollection<UInt8>) {
    guard target.first == UInt8(ascii: "/") else { return nil }
    let mark = target.firstIndex(of: UInt8(ascii: "?")) ?? target.endIndex
    var segments: [String] = []
    for part in target[..<mark].dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
      guard let segment = PercentEncoding.decode(part) else { return nil }
      segments.append(segment)
    }
    var parameters: [Parameter] = []
    for part in target[mark...].dropFirst().split(separator: UInt8(ascii: "&")) {
      let equals = part.firstIndex(of: UInt8(ascii: "=")) ?? part.endIndex
      guard let name = PercentEncoding.decode(part[..<equals], plusIsSpace: true),
        let value = PercentEncoding.decode(part[equals...].dropFirst(), plusIsSpace: true)
      else { return nil }
      parameters.append(Parameter(name: name, value: value))
    }
    self.segments = segments
    self.parameters = parameters
  }
}

extension RequestTarget {
  /// The target `/`.
  package static let root = RequestTarget(segments: [""], parameters: [])

  private init(segments: [String], parameters: [Parameter]) {
    self.segments = segments
    self.parameters = parameters
  }
}

/// Percent-encoding (RFC 3986 §2.1), strict: invalid input is rejected, never repaired.
package enum PercentEncoding {
  /// The decoded text of `bytes`, or nil for an invalid escape, bytes that are not UTF-8, or a control character:
  /// a NUL or a line break in a path or parameter is an attack or a mistake, and has no meaning here.
  package static func decode(_ bytes: some Collection<UInt8>, plusIsSpace: Bool = false) -> String? {
    var out: [UInt8] = []
    out.reserveCapacity(bytes.count)
    var rest = bytes.makeIterator()
    while let byte = rest.next() {
      switch byte {
      case UInt8(ascii: "%"):
        guard let high = rest.next().flatMap(hexDigit), let low = rest.next().flatMap(hexDigit) else { return nil }
        out.append(high << 4 | low)
      case UInt8(ascii: "+") where plusIsSpace: out.append(UInt8(ascii: " "))
      default: out.append(byte)
      }
    }
    if out.contains(where: { $0 < 0x20 || $0 == 0x7F }) { return nil }
    return String(validating: out, as: UTF8.self)
  }

  /// The text with every character escaped except RFC 3986's unreserved ones, for a path segment or a parameter.
  package static func encode(_ text: String) -> String {
    var out = ""
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
        UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"):
        out.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        out += byte < 16 ? "%0" : "%"
        out += String(byte, radix: 16, uppercase: true)
      }
    }
    return out
  }

  private static func hexDigit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}
