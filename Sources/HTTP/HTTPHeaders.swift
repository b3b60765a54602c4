import Support

/// Header fields in their order. Names are case-insensitive (RFC 9110 §5.1).
package struct HTTPHeaders: Sendable, Equatable, ExpressibleByDictionaryLiteral {
  /// One field: a name and a value.
  package struct HeaderField: Sendable, Equatable {
    /// The name.
    package let name: String
    /// The value.
    package let value: String
  }

  /// The fields in the order in which they were added.
  package private(set) var fields: [HeaderField] = []

  /// No fields.
  package init() {}

  /// Fields in the order of the literal; a name may occur several times.
  package init(dictionaryLiteral elements: (String, String)...) {
    for (name, value) in elements { add(name, value) }
  }

  /// The first value of the field. Setting it replaces every value; nil removes the field.
  package subscript(name: String) -> String? {
    get { fields.first { Self.same($0.name, name) }?.value }
    set {
      fields.removeAll { Self.same($0.name, name) }
      if let newValue { add(name, newValue) }
    }
  }

  /// Every value of the field.
  package func all(_ name: String) -> [String] {
    fields.filter { Self.same($0.name, name) }.map(\.value)
  }

  /// Appends a field; fields with the same name stay.
  package mutating func add(_ name: String, _ value: String) {
    fields.append(HeaderField(name: name, value: value))
  }

  static func same(_ a: String, _ b: String) -> Bool {
    a.utf8.count == b.utf8.count && zip(a.utf8, b.utf8).allSatisfy { lowered($0) == lowered($1) }
  }

  private static func lowered(_ byte: UInt8) -> UInt8 {
    byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte
  }
}

extension HTTPHeaders {
  /// Why the end or the addressee of a request with these fields is ambiguous (RFC 9112 §3.2 and §6.3): a proxy and this server may disagree.
  /// Nil if it is unambiguous.
  var framingFault: String? {
    for name in ["Host", "Content-Length", "Transfer-Encoding"] where all(name).count > 1 { return "\(name) occurs twice." }
    if self["Content-Length"] != nil, self["Transfer-Encoding"] != nil {
      return "Content-Length and Transfer-Encoding are mutually exclusive."
    }
    return nil
  }

  /// Whether the bytes are a valid field name: a token (RFC 9110 §5.1), which has no spaces.
  static func isName(_ bytes: some Collection<UInt8>) -> Bool {
    !bytes.isEmpty
      && bytes.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
      }
  }

  /// Whether the bytes are a valid field value: no control characters except the tab.
  static func isValue(_ bytes: some Collection<UInt8>) -> Bool { bytes.allSatisfy { ($0 >= 0x20 && $0 != 0x7F) || $0 == 0x09 } }
}

/// An entity tag for conditional requests (RFC 9110 §13): a client that already has these bytes gets 304 and no body.
package struct ETag: Sendable, Equatable {
  /// The tag with its quotes, as in the `ETag` field.
  package let value: String

  /// A strong tag of the bytes: their FNV-1a hash, 64 bits (a collision shows a stale page, which is not a security risk), and their count.
  package init(of bytes: [UInt8]) {
    value = "\"" + String(FNV1a.hash64(bytes), radix: 16) + "-" + String(bytes.count, radix: 16) + "\""
  }

  /// Whether an If-None-Match field lists this tag. Uses weak comparison, as the RFC requires for this field.
  package func matches(ifNoneMatch field: String) -> Bool {
    field.split(separator: ",").contains { part in
      let tag = part.drop { $0 == " " || $0 == "\t" }
      let bare = tag.hasPrefix("W/") ? tag.dropFirst(2) : tag
      return bare == "*" || bare.prefix { $0 != " " && $0 != "\t" } == value
    }
  }
}

extension HTTPResponse {
  /// This response with its tag, or 304 if `request` shows that the client has it. `known` is the tag of the bytes, if it was computed before.
  package func tagged(for request: HTTPRequest, tag known: ETag? = nil) -> HTTPResponse {
    guard case .bytes(let bytes) = body, status == 200 else { return self }
    let tag = known ?? ETag(of: bytes)
    var response = self
    response.headers["ETag"] = tag.value
    response.headers["Cache-Control"] = response.headers["Cache-Control"] ?? "no-cache"
    if let field = request.headers["If-None-Match"], tag.matches(ifNoneMatch: field) {
      response.status = 304
      response.headers["Content-Type"] = nil
      response.body = .bytes([])
    }
    return response
  }
}
