import CMicrohttpd
import Glibc
import Synchronization

/// The open connections of a server, so that those without a request in hand do not keep others out.
///
/// MHD accepts no connection beyond its limit, and closes one only after `idleSeconds` without a byte: a client that opens many and sends
/// nothing, or a byte now and then, would keep everybody else waiting. Where more than 80 % of the limit is in use, those that have no
/// request in hand are closed, the oldest first: fresh ones, half requests, and kept-alive ones between two requests (a browser opens
/// another without a word). Streams of events and responses that are still computed stay; a response that its client has not taken
/// within five seconds does not.
final class ConnectionTable: Sendable {
  private enum Use { case idle, answering, held }

  private struct TrackedConnection {
    let socket: Int32
    var use = Use.idle
    /// Since when it is in that use.
    var since = ContinuousClock.now
    var isClosing = false
  }

  /// A connection that was just made has not had the time to send its request.
  private static let idleGrace = Duration.seconds(1)
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

  /// The request's headers are there.
  func began(_ connection: OpaquePointer) { set(connection, .answering) }
  /// A stream of events, or a response that comes later.
  func held(_ connection: OpaquePointer) { set(connection, .held) }
  /// The response's last byte is out.
  func ended(_ connection: OpaquePointer) { set(connection, .idle) }

  /// MHD closes the socket after this call and not before, so that no descriptor in the table is another's.
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
        // Its own thread of MHD sees the end and lets go of it: a socket that is shut down is still open.
        shutdown(entry.socket, Int32(SHUT_RDWR))
      }
    }
  }

  /// Never used to reach what it points to.
  private static func key(_ connection: OpaquePointer) -> UInt { UInt(bitPattern: connection) }

  private func set(_ connection: OpaquePointer, _ use: Use) {
    entries.withLock { entries in
      entries[Self.key(connection)]?.use = use
      entries[Self.key(connection)]?.since = ContinuousClock.now
    }
  }
}
