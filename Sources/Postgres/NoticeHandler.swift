import CLibPQ

/// Holds the closure that receives notices and warnings of the server, for libpq's callback.
final class NoticeHandler {
  let receive: (PostgresNotice) -> Void
  init(_ receive: @escaping (PostgresNotice) -> Void) { self.receive = receive }
}

/// A notice or warning of the server.
public struct PostgresNotice: Sendable, Equatable {
  /// NOTICE, WARNING, INFO, LOG or DEBUG, independent of the server's language.
  public let severity: String
  /// The server's primary message, in the server's language.
  public let message: String

  /// A notice with its severity in English.
  public init(severity: String, message: String) {
    self.severity = severity
    self.message = message
  }
}

/// libpq calls this on the thread that is inside a call on the connection, which is the owner's thread.
func receiveNotice(context: UnsafeMutableRawPointer?, result: OpaquePointer?) {
  guard let context else { return }
  let sink = Unmanaged<NoticeHandler>.fromOpaque(context).takeUnretainedValue()
  func field(_ code: Int32) -> String { PQresultErrorField(result, code).map { String(cString: $0) } ?? "" }
  sink.receive(PostgresNotice(severity: field(PostgresError.severityField), message: field(PostgresError.primaryField)))
}
