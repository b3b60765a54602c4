import CMicrohttpd

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
