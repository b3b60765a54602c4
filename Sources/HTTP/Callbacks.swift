import CMicrohttpd
import Glibc
import Synchronization

// MHD's callbacks. They are global functions because C calls them on its own threads.

/// MHD_OPTION_URI_LOG_CALLBACK: called first for each request, with its target as sent. Returns the request's context, which MHD passes to the
/// later callbacks.
func beginExchange(_ context: UnsafeMutableRawPointer?, _ target: UnsafePointer<CChar>?, _: OpaquePointer?) -> UnsafeMutableRawPointer? {
  guard let core = core(context), let target else { return nil }
  core.exchanges.add(1, ordering: .relaxed)
  let count = strlen(target)
  let bytes = target.withMemoryRebound(to: UInt8.self, capacity: count) { Array(UnsafeBufferPointer(start: $0, count: count)) }
  // MHD parses the query next, but its result is not used: `RequestTarget` parses the query. Some 450 parameters fill a connection's memory, and
  // MHD then neither responds nor closes the connection. The target is in the connection's buffer, which MHD itself writes to; a NUL here makes
  // the query empty.
  if let mark = bytes.firstIndex(of: UInt8(ascii: "?")), mark + 1 < count { UnsafeMutablePointer(mutating: target)[mark + 1] = 0 }
  return Unmanaged.passRetained(RequestContext(target: bytes)).toOpaque()
}

/// MHD_OPTION_UNESCAPE_CALLBACK: does nothing. `RequestTarget` decodes, without changing where a part ends.
func leaveEscaped(_: UnsafeMutableRawPointer?, _: OpaquePointer?, _ text: UnsafeMutablePointer<CChar>?) -> Int {
  text.map { strlen($0) } ?? 0
}

/// MHD_AccessHandlerCallback: called when the headers have been read, for each part of a body, and after the connection is resumed.
func handleRequest(
  _ context: UnsafeMutableRawPointer?, _ connection: OpaquePointer?, _: UnsafePointer<CChar>?, _ method: UnsafePointer<CChar>?,
  _: UnsafePointer<CChar>?, _: UnsafePointer<CChar>?, _ uploadSize: UnsafeMutablePointer<Int>?,
  _ exchangeContext: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> MHD_Result {
  guard let core = core(context), let connection, let method, let pointer = exchangeContext?.pointee else { return .NO }
  let exchange = Unmanaged<RequestContext>.fromOpaque(pointer).takeUnretainedValue()
  if exchange.answered {
    // The rest of an unwanted body is discarded.
    uploadSize?.pointee = 0
    return .YES
  }
  if exchange.later != nil { return exchange.resume(on: connection, core: core) }
  if !exchange.headersRead {
    exchange.headersRead = true
    core.connections.began(connection)
    let (headers, fault) = headers(of: connection)
    exchange.request = RequestTarget(exchange.target).map { HTTPRequest(method: String(cString: method), target: $0, headers: headers) }
    if let fault = fault ?? headers.framingFault {
      // The end of this request is ambiguous, so nothing after it on this connection is read.
      let problem = ProblemDetails(status: 400, detail: fault, headers: ["Connection": "close"])
      return exchange.answer(problem.response, on: connection, core: core)
    }
    let length = headers["Content-Length"]
    let hasBody = headers["Transfer-Encoding"] != nil || (length != nil && length != "0")
    // MHD closes a connection whose response is queued in the first call: correct before a body, but without a body it would end keep-alive.
    if !hasBody { return .YES }
    return exchange.answer(
      ProblemDetails(status: 413, detail: "Requests with a body are not supported.").response, on: connection, core: core)
  }
  return exchange.answer(core.respond(to: exchange.request), on: connection, core: core)
}

/// MHD_OPTION_NOTIFY_COMPLETED: the last call for a request, whether it succeeded or failed.
func endExchange(
  _ context: UnsafeMutableRawPointer?, _ connection: OpaquePointer?, _ exchangeContext: UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
  _: MHD_RequestTerminationCode
) {
  guard let core = core(context), let pointer = exchangeContext?.pointee else { return }
  exchangeContext?.pointee = nil
  let exchange = Unmanaged<RequestContext>.fromOpaque(pointer).takeRetainedValue()
  exchange.abandon(core: core)
  if let connection { core.connections.ended(connection) }
  core.exchanges.subtract(1, ordering: .relaxed)
  if exchange.answered { core.observer?(exchange.request, exchange.status, ContinuousClock.now - exchange.begun) }
}

/// MHD_OPTION_NOTIFY_CONNECTION: a connection was accepted, or is about to be closed.
func noteConnection(
  _ context: UnsafeMutableRawPointer?, _ connection: OpaquePointer?, _: UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
  _ code: MHD_ConnectionNotificationCode
) {
  guard let core = core(context), let connection else { return }
  if code == .CONNECTION_NOTIFY_STARTED { core.connections.opened(connection) } else { core.connections.closed(connection) }
}

private func core(_ context: UnsafeMutableRawPointer?) -> ServerState? {
  context.map { Unmanaged<ServerState>.fromOpaque($0).takeUnretainedValue() }
}

private func headers(of connection: OpaquePointer) -> (headers: HTTPHeaders, fault: String?) {
  var collected = (headers: HTTPHeaders(), fault: String?.none)
  withUnsafeMutablePointer(to: &collected) { collected in
    _ = MHD_get_connection_values_n(connection, .HEADER_KIND, addHeader, collected)
  }
  return collected
}

/// MHD_KeyValueIteratorN. Bytes that are not UTF-8 are replaced: the headers used here are ASCII.
private func addHeader(
  _ context: UnsafeMutableRawPointer?, _: MHD_ValueKind, _ key: UnsafePointer<CChar>?, _ keySize: Int, _ value: UnsafePointer<CChar>?,
  _ valueSize: Int
) -> MHD_Result {
  guard let collected = context?.assumingMemoryBound(to: (headers: HTTPHeaders, fault: String?).self), let key else { return .NO }
  let name = UnsafeRawBufferPointer(start: key, count: keySize)
  let text = UnsafeRawBufferPointer(start: value, count: value == nil ? 0 : valueSize)
  if !HTTPHeaders.isName(name) {
    collected.pointee.fault = "A header name contains a space or another invalid character."
  } else if !HTTPHeaders.isValue(text) {
    collected.pointee.fault = "A header value contains a control character."
  }
  collected.pointee.headers.add(String(decoding: name, as: UTF8.self), String(decoding: text, as: UTF8.self))
  return .YES
}

/// The state of one request in MHD, from its first line to the response's last byte. Only the connection's thread uses it.
final class RequestContext {
  /// The target as it was sent; MHD decodes its copy in place and cuts it at a NUL.
  let target: [UInt8]
  let begun = ContinuousClock.now
  var request: HTTPRequest?
  var headersRead = false
  private(set) var status = 0
  private(set) var later: DeferredResponse?
  private(set) var answered = false

  init(target: [UInt8]) {
    self.target = target
  }

  /// Queues the response, or suspends the connection until it is complete.
  func answer(_ response: HTTPResponse, on connection: OpaquePointer, core: ServerState) -> MHD_Result {
    switch response.body {
    case .bytes(let bytes):
      return queue(response, on: connection, core: core, Self.bytes(bytes))
    case .events(let stream):
      if request?.method == "HEAD" { return queue(response, on: connection, core: core, Self.bytes([])) }
      core.connections.held(connection)
      core.sleepers.insert(stream)
      return queue(
        response, on: connection, core: core, EventStreamBody(stream: stream, connection: connection, sleepers: core.sleepers).response)
    case .later(let later):
      self.later = later
      core.connections.held(connection)
      core.sleepers.insert(later)
      return resume(on: connection, core: core)
    }
  }

  /// Called again by MHD after a deferred response resumed the connection.
  func resume(on connection: OpaquePointer, core: ServerState) -> MHD_Result {
    guard let later else { return .NO }
    guard let response = later.take(for: connection), case .bytes(let bytes) = response.body else { return .YES }
    self.later = nil
    core.connections.began(connection)
    core.sleepers.remove(later)
    return queue(response, on: connection, core: core, Self.bytes(bytes))
  }

  /// The connection is closed: a deferred response that completes later is discarded.
  func abandon(core: ServerState) {
    if let later { core.sleepers.remove(later) }
    later = nil
  }

  private static func bytes(_ bytes: [UInt8]) -> OpaquePointer? {
    bytes.withUnsafeBytes { raw in
      // MUST_COPY: MHD reads the memory before it returns and never writes to it.
      MHD_create_response_from_buffer(raw.count, UnsafeMutableRawPointer(mutating: raw.baseAddress), .RESPMEM_MUST_COPY)
    }
  }

  private func queue(
    _ response: HTTPResponse, on connection: OpaquePointer, core: ServerState, _ body: OpaquePointer?
  ) -> MHD_Result {
    // Out of memory: .NO closes the connection.
    guard let body else { return .NO }
    defer { MHD_destroy_response(body) }
    for field in response.headers.fields { MHD_add_response_header(body, field.name, field.value) }
    for field in SecurityHeaders.fields where response.headers[field.name] == nil {
      MHD_add_response_header(body, field.name, field.value)
    }
    answered = true
    status = response.status
    return MHD_queue_response(connection, UInt32(clamping: response.status), body)
  }
}
