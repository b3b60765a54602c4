import HTTP
import Warehouse

/// The bytes of a response with their ETag, made once and sent many times.
struct CachedBody: Sendable {
  let bytes: [UInt8]
  let type: String
  let tag: ETag
  var headers: HTTPHeaders

  init(_ bytes: [UInt8], type: String = "application/json", headers: HTTPHeaders = HTTPHeaders()) {
    self.bytes = bytes
    self.type = type
    self.headers = headers
    tag = ETag(of: bytes)
  }

  init(_ json: JSON) {
    self.init(Array((json.line + "\n").utf8))
  }

  func response(to request: HTTPRequest) -> HTTPResponse {
    var response = HTTPResponse(type: type, bytes)
    for field in headers.fields { response.headers.add(field.name, field.value) }
    return response.tagged(for: request, tag: tag)
  }
}
