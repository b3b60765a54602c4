import HTTP
import Synchronization
import TestSupport
import Testing

@Suite struct EventStreamTests {
  /// A server whose `/events` opens a stream, and the streams it opened.
  final class Fixture: Sendable {
    let server: HTTPServer
    let open: OpenStreams

    init(heartbeat: Duration = .seconds(60)) throws {
      var options = HTTPServer.Options()
      options.heartbeat = heartbeat
      options.threads = 2
      var router = HTTPRouter()
      let open = OpenStreams()
      self.open = open
      router.get("/") { _ in .text("hello") }
      router.get("/events") { _ in .events(open.add()) }
      server = try HTTPServer(host: "127.0.0.1", port: 0, options: options, router: router)
    }

    func client() throws -> RawHTTPClient {
      let client = try RawHTTPClient(port: server.port)
      client.send("GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n")
      _ = try client.read(through: "hello\n\n")
      return client
    }
  }

  final class OpenStreams: Sendable {
    let list = Mutex<[EventStream]>([])

    func add() -> EventStream {
      let stream = EventStream(backlog: 4_000_000)
      stream.send(ServerSentEvent(data: "hello"))
      list.withLock { $0.append(stream) }
      return stream
    }

    func send(_ event: ServerSentEvent) -> Int {
      list.withLock { $0.count { $0.send(event) } }
    }
  }

  @Test func `an event reaches fifty open streams while requests are answered`() throws {
    let fixture = try Fixture()
    defer { fixture.server.close() }
    let clients = try (0..<50).map { _ in try fixture.client() }
    for number in 0..<20 {
      #expect(fixture.open.send(ServerSentEvent(name: "rows", id: "\(number)", data: "a\nb")) == 50)
      #expect(try httpGet("/", port: fixture.server.port).text == "hello")
      for client in clients {
        let text = try client.read(through: "data: b\n\n")
        #expect(text.hasSuffix("event: rows\nid: \(number)\ndata: a\ndata: b\n\n"))
      }
    }
    #expect(fixture.server.sleepingConnections == 50)
  }

  @Test func `a disconnected client is removed after at most two heartbeats`() throws {
    let fixture = try Fixture(heartbeat: .milliseconds(5))
    defer { fixture.server.close() }
    var clients = try (0..<10).map { _ in try fixture.client() }
    clients.removeLast(9)
    while fixture.server.sleepingConnections > 1 { #expect(try httpGet("/", port: fixture.server.port).text == "hello") }
    #expect(fixture.open.send(ServerSentEvent(data: "still here")) == 1)
    _ = try clients[0].read(through: "data: still here\n\n")
  }

  @Test func `a client that does not read is disconnected`() throws {
    let fixture = try Fixture()
    defer { fixture.server.close() }
    let client = try fixture.client()
    let event = ServerSentEvent(data: String(repeating: "x", count: 100_000))
    var sent = 0
    while fixture.open.send(event) == 1, sent < 100_000 { sent += 1 }
    #expect(sent < 100_000)
    withExtendedLifetime(client) {}
  }

  @Test func `closing the server ends all streams, including suspended ones`() throws {
    let fixture = try Fixture()
    let clients = try (0..<8).map { _ in try fixture.client() }
    fixture.server.close()
    for client in clients { _ = try client.readAll() }
    #expect(fixture.open.send(ServerSentEvent(data: "too late")) == 0)
    #expect(fixture.server.sleepingConnections == 0)
    #expect(fixture.server.openRequests == 0)
  }

  @Test func `concurrent senders, clients and a close are safe`() async throws {
    for _ in 0..<5 {
      let fixture = try Fixture(heartbeat: .milliseconds(1))
      await withTaskGroup(of: Void.self) { group in
        for _ in 0..<4 {
          group.addTask {
            for _ in 0..<50 { _ = try? fixture.client() }
          }
          group.addTask {
            for number in 0..<500 { _ = fixture.open.send(ServerSentEvent(data: "\(number)")) }
          }
        }
        await group.next()
        fixture.server.close()
      }
      #expect(fixture.server.openRequests == 0)
    }
  }

  @Test func `a HEAD request for a stream completes`() throws {
    let fixture = try Fixture()
    defer { fixture.server.close() }
    let response = try httpGet("/events", port: fixture.server.port, method: "HEAD")
    #expect(response.status == 200)
    #expect(response["Content-Type"] == "text/event-stream")
  }
}
