import HTTP
import Synchronization
import TestSupport
import Testing

/// Whatever a client sends, the server keeps running, serves the next request, and keeps no state of the bad one.
@Suite struct HostileRequestTests {
  static let targets = [
    "/%", "/%4", "/%zz", "/%00", "/a%0d%0ab", "/%ff%fe", "/%c0%af", "/?%=1", "/?a=%", "/?a=%00", "*", "http://localhost/", "//",
    "/../../etc/passwd",
    "/?" + String(repeating: "a&", count: 2_000), "/" + String(repeating: "%2e%2e/", count: 500), "?", "a", "/\u{1F4A5}",
  ]

  @Test(arguments: targets.map(Case.init))
  func `an invalid target gets a 4xx response or a closed connection`(target: Case) throws {
    let target = target.text
    try withServer(hello, options: impatient) { port in
      let client = try RawHTTPClient(port: port)
      client.send("GET \(target) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
      let answer = String(decoding: try client.readAll(), as: UTF8.self)
      #expect(answer.isEmpty || answer.hasPrefix("HTTP/1.1 4") || (answer.hasPrefix("HTTP/1.1 200") && target.hasPrefix("/?")), "\(answer)")
      #expect(try httpGet("/", port: port).text == "hello")
    }
  }

  static let requests = [
    "", "\r\n\r\n", "\0\0\0\0\r\n\r\n", "GET\r\n\r\n", "GET /\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "GET / HTTP/1.1\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: localhost\r\nX: \0\r\n\r\n", "GET / HTTP/1.1\r\n: nothing\r\n\r\n", "GET / HTTP/1.1\nHost: localhost\n\n",
    "GET / HTTP/1.1\r\nHost: localhost\r\n folded\r\n\r\n", "GET / HTTP/1.1\r\nHost : localhost\r\n\r\n",
    " GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999999999999\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
    "GET / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\nzz\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n",
    "POST / HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 1000000000\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}",
    "GET / HTTP/1.1\r\nHost: localhost\r\nX: " + String(repeating: "a", count: 100_000) + "\r\n\r\n",
    "GET /" + String(repeating: "a", count: 100_000) + " HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: localhost\r\n" + String(repeating: "X: y\r\n", count: 5_000) + "\r\n",
    String(repeating: "A", count: 100_000),
  ]

  @Test(arguments: requests.map(Case.init))
  func `a malformed request gets an error response or a closed connection`(request: Case) throws {
    try withServer(hello, options: impatient) { port in
      let client = try RawHTTPClient(port: port)
      client.send(request.text)
      client.finishSending()
      let answer = String(decoding: try client.readAll(), as: UTF8.self)
      #expect(answer.isEmpty || answer.hasPrefix("HTTP/1."))
      #expect(try httpGet("/", port: port).text == "hello")
    }
  }

  private var impatient: HTTPServer.Options {
    var options = HTTPServer.Options()
    options.idleSeconds = 1
    return options
  }

  @Test func `a body is rejected and never read as the next request`() throws {
    let hidden = "GET /hidden HTTP/1.1\r\nHost: localhost\r\n\r\n"
    for method in ["GET", "POST", "PUT", "DELETE"] {
      try withServer(hello) { port in
        let client = try RawHTTPClient(port: port)
        client.send("\(method) / HTTP/1.1\r\nHost: localhost\r\nContent-Length: \(hidden.utf8.count)\r\n\r\n\(hidden)")
        client.finishSending()
        let answer = String(decoding: try client.readAll(), as: UTF8.self)
        #expect(answer.hasPrefix("HTTP/1.1 413"), "\(method)")
        #expect(!answer.contains("404"), "\(method)")
      }
    }
  }

  static let unclear = [
    "Content-Length : 5", "Content-Length\t: 5", "Transfer-Encoding : chunked", "X y: z", "Host: localhost",
    "Content-Length: 0\r\nContent-Length: 0", "Content-Length: 5\r\nContent-Length: 6", "Content-Length: 0\r\ncontent-length: 6",
    "Content-Length: 5\r\nTransfer-Encoding: chunked", "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity", "X: a\u{1}b",
    "Content-Length: +5", "Content-Length: 5, 5", "Content-Length: 0x5", "Content-Length:",
  ]

  @Test(arguments: unclear)
  func `a request with an ambiguous end or addressee gets 400 and nothing after it is read`(header: String) throws {
    try withServer(hello, options: impatient) { port in
      let client = try RawHTTPClient(port: port)
      client.send(
        "GET / HTTP/1.1\r\nHost: localhost\r\n\(header)\r\n\r\nGET /hidden HTTP/1.1\r\nHost: localhost\r\n\r\n")
      client.finishSending()
      let answer = String(decoding: try client.readAll(), as: UTF8.self)
      #expect(answer.hasPrefix("HTTP/1.1 400"), "\(answer)")
      #expect(!answer.contains("404"))
    }
  }

  @Test(arguments: [101, 500, 2_000, 10_000])
  func `a query with too many parameters gets 400`(count: Int) throws {
    try withServer(hello, options: impatient) { port in
      let answer = try httpGet("/?" + Array(repeating: "a", count: count).joined(separator: "&"), port: port)
      #expect(answer.status == 400)
      #expect(answer.text.contains("The query has more than 100 parameters."))
    }
  }

  @Test func `a query with one hundred parameters is accepted`() throws {
    var router = HTTPRouter()
    router.get("/") { request in .text(request.target.parameters.map { "\($0.name)=\($0.value)" }.joined(separator: ";")) }
    let parameters = (0..<100).map { "a\($0)=\($0)" }
    try withServer(router) { port in
      let answer = try httpGet("/?" + parameters.joined(separator: "&"), port: port)
      #expect(answer.text == parameters.joined(separator: ";"))
    }
  }

  /// The idle timeout is much longer than the test: a connection that is closed was closed to make room.
  private var small: HTTPServer.Options {
    var options = HTTPServer.Options()
    options.connections = 40
    options.idleSeconds = 600
    return options
  }

  @Test(arguments: ["", "GET / HTTP/1.1\r\nHo", "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"])
  func `connections without an active request do not block new clients`(sent: String) throws {
    try withServer(hello, options: small) { port in
      // More than the limit: the last of them wait in the system's backlog.
      let idle = try (0..<60).map { _ in try RawHTTPClient(port: port) }
      for client in idle { client.send(sent) }
      for _ in 0..<5 { #expect(try httpGet("/", port: port).text == "hello") }
      // As many were closed as came after the limit was reached.
      try wait(until: "20 of 60 are closed") { idle.count(where: \.isClosed) >= idle.count - small.connections }
    }
  }

  @Test func `incomplete requests sent byte by byte do not block new clients`() throws {
    try withServer(hello, options: small) { port in
      let slow = try (0..<60).map { _ in try RawHTTPClient(port: port) }
      for client in slow { client.send("GET / HTTP/1.1\r\nX: ") }
      let newcomer = try RawHTTPClient(port: port)
      newcomer.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
      let deadline = ContinuousClock.now + .seconds(15)
      while !newcomer.isReadable(milliseconds: 50), ContinuousClock.now < deadline {
        for client in slow { client.send("a") }
      }
      #expect(try newcomer.response().text == "hello")
    }
  }

  @Test func `clients that do not read their response do not block new clients`() throws {
    var router = hello
    // Larger than the system's buffers.
    let large = [UInt8](repeating: 0x61, count: 12_000_000)
    router.get("/large") { _ in HTTPResponse(type: "text/plain", large) }
    var options = small
    options.connections = 10
    options.threads = 2
    try withServer(router, options: options) { port in
      let deaf = try (0..<14).map { _ in try RawHTTPClient(port: port) }
      for client in deaf { client.send("GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n") }
      #expect(try httpGet("/", port: port).text == "hello")
    }
  }

  @Test func `event streams and deferred responses are not closed to make room`() throws {
    let waiting = Mutex<[DeferredResponse]>([])
    var router = hello
    router.get("/later") { _ in
      let later = DeferredResponse()
      waiting.withLock { $0.append(later) }
      return .later(later)
    }
    router.get("/events") { _ in
      let stream = EventStream()
      stream.send(ServerSentEvent(data: "hello"))
      return .events(stream)
    }
    try withServer(router, options: small) { port in
      let held = try (0..<20).map { _ in try RawHTTPClient(port: port) }
      for (number, client) in held.enumerated() {
        client.send("GET \(number < 10 ? "/later" : "/events") HTTP/1.1\r\nHost: localhost\r\n\r\n")
      }
      for client in held[10...] { _ = try client.read(through: "data: hello\n\n") }
      let idle = try (0..<60).map { _ in try RawHTTPClient(port: port) }
      #expect(try httpGet("/", port: port).text == "hello")
      _ = try idle[0].readAll()
      for later in waiting.withLock({ $0 }) { later.complete(with: .text("there")) }
      for client in held[..<10] { #expect(try client.response().text == "there") }
      for client in held[10...] { #expect(!client.isReadable(milliseconds: 0)) }
    }
  }

  @Test func `a large body gets 413 before it is sent`() throws {
    try withServer(hello) { port in
      let client = try RawHTTPClient(port: port)
      client.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000000\r\n\r\n")
      #expect(try client.response().status == 413)
    }
  }

  @Test func `a first line or header over the limit is rejected`() throws {
    try withServer(hello) { port in
      let line = try httpGet("/" + String(repeating: "a", count: 40_000), port: port)
      let header = try httpGet("/", port: port, headers: ["X: " + String(repeating: "a", count: 40_000)])
      #expect(line.status == 414)
      #expect(header.status == 431)
    }
  }

  @Test func `an incomplete request occupies no thread`() throws {
    try withServer(hello) { port in
      let halves = try (0..<100).map { _ in try RawHTTPClient(port: port) }
      for half in halves { half.send("GET / HTTP/1.1\r\nHo") }
      #expect(try httpGet("/", port: port).text == "hello")
    }
  }

  @Test func `connections beyond the limit are served after others close`() throws {
    var options = impatient
    options.connections = 16
    try withServer(hello, options: options) { port in
      let clients = try (0..<40).map { _ in try RawHTTPClient(port: port) }
      for client in clients { client.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n") }
      for client in clients { #expect(try client.response().text == "hello") }
    }
  }
}

/// A client's input, with a shortened description, because some inputs are very long.
struct Case: Sendable, CustomTestStringConvertible {
  let text: String
  var testDescription: String { text.prefix(40).debugDescription + (text.count > 40 ? "… (\(text.utf8.count) bytes)" : "") }
}
