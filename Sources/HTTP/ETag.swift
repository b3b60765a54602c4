/// An entity tag for conditional requests (RFC 9110 §13): a client that already has these bytes gets 304 and no body.
public struct ETag: Sendable, Equatable {
  /// The tag with its quotes, as in the `ETag` field.
  public let value: String

  /// A strong tag of the bytes: their FNV-1a hash, 64 bits (a collision shows a stale page, which is not a security risk), and their count.
  public init(of bytes: [UInt8]) {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
    value = "\"" + String(hash, radix: 16) + "-" + String(bytes.count, radix: 16) + "\""
  }

  /// Whether an If-None-Match field lists this tag. Uses weak comparison, as the RFC requires for this field.
  public func matches(ifNoneMatch field: String) -> Bool {
    field.split(separator: ",").contains { part in
      let tag = part.drop { $0 == " " || $0 == "\t" }
      let bare = tag.hasPrefix("W/") ? tag.dropFirst(2) : tag
      return bare == "*" || bare.prefix { $0 != " " && $0 != "\t" } == value
    }
  }
}

extension HTTPResponse {
  /// This response with its tag, or 304 if `request` shows that the client has it. `known` is the tag of the bytes, if it was computed before.
  public func tagged(for request: HTTPRequest, tag known: ETag? = nil) -> HTTPResponse {
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
