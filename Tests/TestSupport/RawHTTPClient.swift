import Glibc

/// A client that sends any bytes, including invalid requests. Reads time out instead of blocking a test.
package final class RawHTTPClient {
  /// A connection or a read failed.
  package struct Failure: Error {
    /// What failed.
    package let message: String
  }

  private let descriptor: Int32
  private var buffered: [UInt8] = []
  private let timeoutMilliseconds: Int32

  /// Connects to 127.0.0.1. `timeoutSeconds`: of each read.
  package init(port: Int, timeoutSeconds: Int = 120) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    timeoutMilliseconds = Int32(timeoutSeconds) * 1000
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(UInt16(port).bigEndian)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    let code = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
    }
    guard code == 0 else { throw Failure(message: "connect: " + String(cString: strerror(errno))) }
  }

  deinit { Glibc.close(descriptor) }

  /// Sends text as UTF-8.
  package func send(_ text: String) { send(Array(text.utf8)) }

  /// Sends bytes. A closed connection is not an error, because the server's response can still be read.
  package func send(_ bytes: [UInt8]) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      if count <= 0 { return }
      rest = rest.dropFirst(count)
    }
  }

  /// Closes the sending direction.
  package func finishSending() { shutdown(descriptor, Int32(SHUT_WR)) }

  /// All bytes until the server closes the connection.
  package func readAll() throws -> [UInt8] {
    while try fill() {}
    defer { buffered = [] }
    return buffered
  }

  /// The text up to and including `mark`.
  package func read(through mark: String) throws -> String {
    let mark = Array(mark.utf8)
    while true {
      if let start = buffered.firstRange(of: mark) {
        defer { buffered.removeFirst(start.upperBound) }
        return String(decoding: buffered.prefix(start.upperBound), as: UTF8.self)
      }
      guard try fill() else { throw Failure(message: "closed after: " + String(decoding: buffered, as: UTF8.self)) }
    }
  }

  /// One response with a Content-Length; the connection stays open. `head`: the response has no body.
  package func response(head: Bool = false) throws -> RawHTTPResponse {
    let header = try read(through: "\r\n\r\n")
    var response = RawHTTPResponse(header: header)
    if !head, let length = response["Content-Length"].flatMap(Int.init) {
      while buffered.count < length {
        guard try fill() else { throw Failure(message: "closed within a body") }
      }
      response.body = Array(buffered.prefix(length))
      buffered.removeFirst(length)
    }
    return response
  }

  /// Whether data is available or the server has closed the connection.
  package func isReadable(milliseconds: Int32) -> Bool {
    var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return poll(&waiting, 1, milliseconds) > 0
  }

  /// Whether the server has closed the connection. What it has sent before is kept for reading.
  package var isClosed: Bool {
    while isReadable(milliseconds: 0) { if (try? fill()) != true { return true } }
    return false
  }

  private func fill() throws -> Bool {
    var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    guard poll(&waiting, 1, timeoutMilliseconds) > 0 else {
      throw Failure(message: "nothing came; so far: " + String(decoding: buffered, as: UTF8.self))
    }
    var chunk = [UInt8](repeating: 0, count: 65_536)
    let count = chunk.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
    if count > 0 { buffered += chunk.prefix(count) }
    return count > 0
  }
}

/// A response as received.
package struct RawHTTPResponse {
  /// The status code; 0 if the status line is invalid.
  package let status: Int
  /// The status line and the header fields.
  package let header: String
  /// The body.
  package var body: [UInt8] = []

  init(header: String) {
    self.header = header
    status = header.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
  }

  /// The body as UTF-8 text.
  package var text: String { String(decoding: body, as: UTF8.self) }

  /// The first value of a header field.
  package subscript(name: String) -> String? {
    for line in header.split(whereSeparator: \.isNewline) {
      let parts = line.split(separator: ":", maxSplits: 1)
      if parts.count == 2, parts[0].lowercased() == name.lowercased() { return String(parts[1].drop { $0 == " " }) }
    }
    return nil
  }
}

/// Sends one request on a new connection.
package func httpGet(_ target: String, port: Int, headers: [String] = [], method: String = "GET") throws -> RawHTTPResponse {
  // A forecast takes long under ThreadSanitizer.
  let client = try RawHTTPClient(port: port, timeoutSeconds: 120)
  let lines = ["\(method) \(target) HTTP/1.1", "Host: 127.0.0.1:\(port)", "Connection: close"] + headers
  client.send(lines.joined(separator: "\r\n") + "\r\n\r\n")
  return try client.response(head: method == "HEAD")
}
