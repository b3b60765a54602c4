import CLibPQ
import Glibc

/// A notification sent with NOTIFY.
public struct PostgresNotification: Sendable, Equatable {
  /// The channel's name.
  public let channel: String
  /// The payload; empty if NOTIFY had none.
  public let payload: String
  /// The backend process id of the session that sent it.
  public let process: Int32

  /// A notification, for tests.
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

  /// The socket's file descriptor, for poll(2): readable when the server has sent something. −1 once closed.
  public var socket: Int32 { (try? handle()).map { PQsocket($0) } ?? -1 }

  /// The notifications received so far, without waiting.
  ///
  /// - Throws: `PostgresError` of kind `unavailable` if the session broke.
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

  /// Waits for notifications for at most `seconds`, or until `wake` is readable (the read end of a pipe, to stop a listener immediately).
  ///
  /// - Returns: the notifications received; empty after the time or `wake`.
  /// - Throws: `PostgresError` of kind `unavailable` if the session broke.
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
