import HTTP
import Synchronization
import TestSupport
import Testing

@Suite struct HTTPServerTests {
  @Test func `a request gets the response of its route`() throws {
    var router = HTTPRouter()
    router.get("/hello/{name}") { request in .text("\(request.captures["name"] ?? "")|\(request.query("q") ?? "")") }
    try withServer(router) { port in
      let response = try httpGet("/hello/a%20b%2Fc?q=1+%2B%201&x", port: port)
      #expect(response.status == 200)
      #expect(response.text == "a b/c|1 + 1")
      #expect(response["Content-Type"] == "text/plain; charset=utf-8")
    }
  }

  @Test func `HEAD has the headers of GET and no body`() throws {
    try withServer(hello) { port in
      let client = try RawHTTPClient(port: port)
      client.send("HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\nGET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
      let head = try client.response(head: true)
      let get = try client.response()
      #expect(head.status == 200)
      #expect(head["Content-Length"] == "5")
      #expect(get.text == "hello")
    }
  }

  @Test(arguments: ["POST", "PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "BREW"])
  func `another method gets 405 with the allowed methods`(method: String) throws {
    try withServer(hello) { port in
      let response = try httpGet("/", port: port, method: method)
      #expect(response.status == 405)
      #expect(response["Allow"] == "GET, HEAD, OPTIONS")
      #expect(response["Content-Type"] == "application/problem+json")
    }
  }

  @Test func `an unknown path gets 404 as problem JSON`() throws {
    try withServer(hello) { port in
      let response = try httpGet("/nowhere", port: port)
      #expect(response.status == 404)
      #expect(response.text == #"{"title":"Not Found","status":404,"detail":"No such path."}"# + "\n")
    }
  }

  @Test func `every response has the security headers`() throws {
    try withServer(hello) { port in
      for target in ["/", "/nowhere", "/%00"] {
        let response = try httpGet(target, port: port)
        #expect(response["Content-Security-Policy"]?.hasPrefix("default-src 'none'; script-src 'self'; style-src 'self';") == true)
        #expect(response["X-Content-Type-Options"] == "nosniff")
        #expect(response["X-Frame-Options"] == "DENY")
        #expect(response["Referrer-Policy"] == "no-referrer")
        #expect(response["Cross-Origin-Resource-Policy"] == "same-origin")
      }
    }
  }

  @Test func `a response with a matching ETag is 304`() throws {
    var router = HTTPRouter()
    router.get("/") { request in HTTPResponse.text("hello").tagged(for: request) }
    try withServer(router) { port in
      let first = try httpGet("/", port: port)
      let tag = try #require(first["ETag"])
      let second = try httpGet("/", port: port, headers: ["If-None-Match: \"x\", W/\(tag)"])
      let third = try httpGet("/", port: port, headers: ["If-None-Match: \"x\""])
      #expect(second.status == 304)
      #expect(second.body.isEmpty)
      #expect(second["ETag"] == tag)
      #expect(third.status == 200)
    }
  }

  @Test func `a foreign host name in Host gets 421`() throws {
    try withServer(hello) { port in
      for host in [
        "evil.example", "evil.example:\(port)", "127.0.0.1.evil.example", "", "[::1", "localhost:80:80", "localhost@evil.example",
      ] {
        let client = try RawHTTPClient(port: port)
        client.send("GET / HTTP/1.1\r\nHost: \(host)\r\n\r\n")
        #expect(try client.response().status == 421, "\(host)")
      }
      for host in ["localhost", "LOCALHOST:\(port)", "127.0.0.1", "[::1]:\(port)"] {
        let client = try RawHTTPClient(port: port)
        client.send("GET / HTTP/1.1\r\nHost: \(host)\r\n\r\n")
        #expect(try client.response().status == 200, "\(host)")
      }
      let twice = try httpGet("/", port: port, headers: ["Host: localhost"])
      #expect(twice.status == 400)
    }
  }

  @Test func `an option allows another name in Host, and the error names the option`() throws {
    var options = HTTPServer.Options()
    options.allowedHostOption = "--allowed-host"
    try withServer(hello, options: options) { port in
      let refused = try RawHTTPClient(port: port)
      refused.send("GET / HTTP/1.1\r\nHost: Stats.Example.org:8080\r\n\r\n")
      let text = try refused.response().text
      #expect(text.contains("Start it with --allowed-host stats.example.org to answer to this name too."), "\(text)")
    }
    options.allowedHosts = ["stats.example.org", "Other.Example:443"]
    try withServer(hello, options: options) { port in
      for (host, status) in [
        ("stats.example.org", 200), ("STATS.example.org:8080", 200), ("other.example", 200), ("localhost", 200), ("example.org", 421),
        ("evil.stats.example.org", 421), ("<b>\"", 421),
      ] {
        let client = try RawHTTPClient(port: port)
        client.send("GET / HTTP/1.1\r\nHost: \(host)\r\n\r\n")
        #expect(try client.response().status == status, "\(host)")
      }
    }
  }

  @Test func `an allowed host name has no scheme, path or wildcard`() {
    for name in ["stats.example.org", "Stats.Example.ORG:80", "[fe80::1]", "192.0.2.1", "my_host"] {
      #expect(AllowedHosts.allowedName(name) != nil, "\(name)")
    }
    for name in ["", "http://a.example", "a.example/dash", "*.example.org", "a b", "*", "a,b"] {
      #expect(AllowedHosts.allowedName(name) == nil, "\(name)")
    }
  }

  @Test func `a port in use is distinguished from other errors`() throws {
    try withServer(hello) { port in
      let error = #expect(throws: HTTPError.self) { try HTTPServer(host: "127.0.0.1", port: port, router: hello) }
      #expect(error?.kind == .portTaken)
      #expect(error?.message == "port \(port) on 127.0.0.1 is taken by another program")
    }
    func kind(_ host: String, port: Int) -> HTTPError.Kind? {
      #expect(throws: HTTPError.self) { try HTTPServer(host: host, port: port, router: hello) }?.kind
    }
    #expect(kind("192.0.2.1", port: 0) == .noSuchAddress)
    #expect(kind("127.0.0.1", port: 70_000) == .other)
    #expect(kind("no such host", port: 0) == .noSuchAddress)
  }

  @Test func `close is idempotent and frees the port at once`() throws {
    let server = try HTTPServer(host: "127.0.0.1", port: 0, router: hello)
    #expect(try httpGet("/", port: server.port).status == 200)
    server.close()
    server.close()
    let again = try HTTPServer(host: "127.0.0.1", port: server.port, router: hello)
    #expect(try httpGet("/", port: again.port).status == 200)
    again.close()
  }

  @Test func `the observer is called once per request`() throws {
    let heard = Mutex<[String]>([])
    let server = try HTTPServer(
      host: "127.0.0.1", port: 0,
      observer: { request, status, _ in heard.withLock { $0.append("\(request?.path ?? "-") \(status)") } }, router: hello)
    for target in ["/", "/x", "/%ff"] { _ = try httpGet(target, port: server.port) }
    server.close()
    #expect(heard.withLock { $0.sorted() } == ["- 400", "/ 200", "/x 404"])
  }

  @Test func `a deferred response resumes its connection`() throws {
    let waiting = Mutex<[DeferredResponse]>([])
    var router = HTTPRouter()
    router.get("/later") { _ in
      let later = DeferredResponse()
      waiting.withLock { $0.append(later) }
      return .later(later)
    }
    router.get("/at-once") { _ in
      let later = DeferredResponse()
      later.complete(with: .text("there already"))
      return .later(later)
    }
    router.get("/release") { _ in
      for later in waiting.withLock({ $0 }) { later.complete(with: .text("now")) }
      return .text("released")
    }
    try withServer(router) { port in
      // More than the number of threads: suspended connections use none.
      let clients = try (0..<20).map { _ in try RawHTTPClient(port: port) }
      for client in clients { client.send("GET /later HTTP/1.1\r\nHost: localhost\r\n\r\n") }
      while waiting.withLock({ $0.count }) < clients.count { #expect(try httpGet("/at-once", port: port).text == "there already") }
      #expect(try httpGet("/release", port: port).text == "released")
      for client in clients { #expect(try client.response().text == "now") }
    }
  }

  @Test func `close completes pending deferred responses with 503`() throws {
    var router = HTTPRouter()
    router.get("/never") { _ in .later(DeferredResponse()) }
    let server = try HTTPServer(host: "127.0.0.1", port: 0, router: router)
    let client = try RawHTTPClient(port: server.port)
    client.send("GET /never HTTP/1.1\r\nHost: localhost\r\n\r\n")
    while server.sleepingConnections == 0 { _ = try httpGet("/", port: server.port) }
    server.close()
    #expect(try client.response().status == 503)
  }
}

let hello: HTTPRouter = {
  var router = HTTPRouter()
  router.get("/") { _ in .text("hello") }
  return router
}()

func withServer(_ router: HTTPRouter, options: HTTPServer.Options = .init(), _ body: (Int) throws -> Void) throws {
  let server = try HTTPServer(host: "127.0.0.1", port: 0, options: options, router: router)
  defer { server.close() }
  try body(server.port)
}
