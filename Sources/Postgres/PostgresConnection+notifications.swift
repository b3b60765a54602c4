import CLibPQ
import Glibc

/// What NOTIFY sent.
public struct PostgresNotification: Sendable, Equatable {
  public let channel: String
  public let payload: String
  /// The session that sent it.
  public let process: Int32

  public init(channel: String, payload: String, process: Int32) {
    self.channel = channel
    self.payload = payload
    self.process = process
  }
}

extension PostgresConnection {
  /// Subscribes to a channel.
  public func listen(_ channel: String) throws(PostgresError) {
    try execute("LISTEN \(quoteIdentifier(channel))")
  }

  /// The socket, readable when the server sent something: for poll. −1 once closed.
  public var socket: Int32 { (try? handle()).map { PQsocket($0) } ?? -1 }

  /// What came so far, without waiting. Throws `.unavailable` if the session broke.
  public func drainNotifications() throws(PostgresError) -> [PostgresNotification] {
    let handle = try handle()
    guard PQconsumeInput(handle) == 1 else { throw PostgresError(result: nil, connection: handle) }
    var notifications: [PostgresNotification] = []
    while let pointer = PQnotifies(handle) {
      defer { PQfreemem(pointer) }
      notifications.append(
        PostgresNotification(
          channel: String(cString: pointer.pointee.relname), payload: String(cString: pointer.pointee.extra),
          process: pointer.pointee.be_pid))
    }
    return notifications
  }

  /// Waits until a notification comes, at most `seconds`, or until `wake` is readable (a pipe's end, to stop a listener at once).
  public func waitForNotifications(seconds: Double, wake: Int32 = -1) throws(PostgresError) -> [PostgresNotification] {
    let deadline = ContinuousClock.now + .seconds(seconds)
    while true {
      let notifications = try drainNotifications()
      if !notifications.isEmpty { return notifications }
      let left = ContinuousClock.now.duration(to: deadline)
      guard left > .zero else { return [] }
      let milliseconds = left.components.seconds * 1000 + left.components.attoseconds / 1_000_000_000_000_000
      var descriptors = [pollfd(fd: socket, events: Int16(POLLIN), revents: 0), pollfd(fd: wake, events: Int16(POLLIN), revents: 0)]
      _ = poll(&descriptors, 2, Int32(clamping: milliseconds + 1))
      if descriptors[1].revents != 0 { return try drainNotifications() }
    }
  }
}
