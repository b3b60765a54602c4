import CMicrohttpd
import Glibc
import Synchronization

/// Tracks the open connections of a server, so that connections without an active request do not block new clients.
///
/// MHD accepts no connection beyond its limit, and closes one only after `idleSeconds` without a byte. A client that opens many connections and
/// sends nothing, or an occasional byte, would block all other clients. When more than 80 % of the limit is in use, connections without an
/// active request are closed, the oldest first: new connections, incomplete requests, and kept-alive connections between two requests (a
/// browser opens another one without an error). Event streams and responses that are still being computed stay open; a response that the client
/// has not read within five seconds is closed.
final class ConnectionTable: Sendable {
  private enum Use { case idle, answering, held }

  private struct TrackedConnection {
    let socket: Int32
    var use = Use.idle
    /// When the connection entered this state.
    var since = ContinuousClock.now
    var isClosing = false
  }

  /// A new connection has had no time to send its request. Short, because each connection that waits beyond the limit waits for it.
  private static let idleGrace = Duration.milliseconds(250)
  private static let answerGrace = Duration.seconds(5)

  /// By MHD's handle.
  private let entries = Mutex<[UInt: TrackedConnection]>([:])
  private let most: Int

  init(limit: Int) { most = max(1, limit * 4 / 5) }

  func opened(_ connection: OpaquePointer) {
    let socket = mhd_connection_socket(connection)
    entries.withLock { $0[Self.key(connection)] = TrackedConnection(socket: socket) }
    trim()
  }

  /// The request's headers have been read.
  func began(_ connection: OpaquePointer) { set(connection, .answering) }
  /// The response is an event stream or a deferred response.
  func held(_ connection: OpaquePointer) { set(connection, .held) }
  /// The response's last byte has been sent.
  func ended(_ connection: OpaquePointer) { set(connection, .idle) }

  /// MHD closes the socket only after this call, so no descriptor in the table can belong to another connection.
  func closed(_ connection: OpaquePointer) {
    entries.withLock { _ = $0.removeValue(forKey: Self.key(connection)) }
  }

  /// Closes the oldest connections that may be closed, until no more than 80 % are in use.
  func trim() {
    entries.withLock { entries in
      let excess = entries.count { !$0.value.isClosing } - most
      guard excess > 0 else { return }
      let now = ContinuousClock.now
      let closable = entries.filter { _, entry in
        switch entry.use {
        case .idle: !entry.isClosing && now - entry.since > Self.idleGrace
        case .answering: !entry.isClosing && now - entry.since > Self.answerGrace
        case .held: false
        }
      }
      for (key, entry) in closable.sorted(by: { $0.value.since < $1.value.since }).prefix(excess) {
        entries[key]?.isClosing = true
        // Its MHD thread sees the end of the stream and closes it: a socket after shutdown is still open.
        shutdown(entry.socket, Int32(SHUT_RDWR))
      }
    }
  }

  /// Used as an identifier only, never dereferenced.
  private static func key(_ connection: OpaquePointer) -> UInt { UInt(bitPattern: connection) }

  private func set(_ connection: OpaquePointer, _ use: Use) {
    entries.withLock { entries in
      entries[Self.key(connection)]?.use = use
      entries[Self.key(connection)]?.since = ContinuousClock.now
    }
  }
}
