import DevServices
import Dispatch
import Glibc
import Synchronization
import TestSupport

/// A proxy between a program and Postgres that can cut the connection before or after a COMMIT.
final class PostgresProxy: Sendable {
  private struct State {
    /// The number of the COMMIT to cut at, counted over all connections; 0: none.
    var number = 0
    var isBefore = false
    var commits = 0
    var hasCut = false
    var delay: UInt32 = 0
  }

  private let listener: Int32
  let port: Int
  private let target: Int
  private let state = Mutex(State())

  /// Listens on a port that the system chooses, for the server at 127.0.0.1:`port`.
  init(port target: Int) throws {
    self.target = target
    let socket = try LoopbackSocket()
    (listener, port) = (socket.descriptor, socket.port)
    guard listen(listener, 16) == 0 else { throw TestSupportError("cannot listen on port \(port)") }
    DispatchQueue(label: "proxy").async { [self] in
      while case let client = accept(listener, nil, nil), client >= 0 {
        DispatchQueue(label: "proxy.connection").async { self.serve(client) }
      }
    }
  }

  /// Milliseconds by which each request is delayed.
  func delayRequests(milliseconds: UInt32) { state.withLock { $0.delay = milliseconds * 1000 } }

  /// The COMMIT arrives, its response does not.
  func cutAfterCommit(number: Int) { state.withLock { ($0.number, $0.isBefore) = (number, false) } }

  /// The COMMIT does not arrive.
  func cutBeforeCommit(number: Int) { state.withLock { ($0.number, $0.isBefore) = (number, true) } }

  var hasCut: Bool { state.withLock { $0.hasCut } }

  func close() { shutdown(listener, Int32(SHUT_RDWR)) }

  private static func address(_ port: Int) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(UInt16(port).bigEndian)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    return address
  }

  private func serve(_ client: Int32) {
    let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer {
      Glibc.close(client)
      Glibc.close(server)
    }
    var address = Self.address(target)
    let code = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(server, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
    }
    guard code == 0 else { return }
    let commit = Array("COMMIT\0".utf8)
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      var ready = [pollfd(fd: client, events: Int16(POLLIN), revents: 0), pollfd(fd: server, events: Int16(POLLIN), revents: 0)]
      guard poll(&ready, 2, -1) > 0 else { continue }
      if ready[0].revents != 0 {
        let count = read(client, &chunk, chunk.count)
        guard count > 0 else { return }
        // A simple query is a message Q: its letter, its length, its text.
        let isCommit = count == 5 + commit.count && Array(chunk[5..<count]) == commit
        let cut = isCommit ? takeCommit() : nil
        if cut == true { return }
        usleep(state.withLock { $0.delay })
        guard send(chunk[..<count], to: server) else { return }
        if cut == false {
          _ = read(server, &chunk, chunk.count)
          return
        }
      }
      if ready[1].revents != 0 {
        let count = read(server, &chunk, chunk.count)
        guard count > 0, send(chunk[..<count], to: client) else { return }
      }
    }
  }

  /// - Returns: whether to cut before this COMMIT (true) or after it (false); nil: do not cut.
  private func takeCommit() -> Bool? {
    state.withLock { state in
      state.commits += 1
      guard state.commits == state.number else { return nil }
      state.hasCut = true
      return state.isBefore
    }
  }

  private func send(_ bytes: ArraySlice<UInt8>, to descriptor: Int32) -> Bool {
    var rest = bytes
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      guard count > 0 else { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }
}
