import CLibPQ

/// Holds the closure that notices and warnings of the server go to, for libpq's callback.
final class NoticeHandler {
  let receive: (PostgresNotice) -> Void
  init(_ receive: @escaping (PostgresNotice) -> Void) { self.receive = receive }
}

/// A notice or warning of the server.
public struct PostgresNotice: Sendable, Equatable {
  /// NOTICE, WARNING, INFO, LOG or DEBUG, whatever the server's language.
  public let severity: String
  public let message: String

  public init(severity: String, message: String) {
    self.severity = severity
    self.message = message
  }
}

/// libpq calls it on the thread that is inside a call on the connection, hence on the owner's.
func receiveNotice(context: UnsafeMutableRawPointer?, result: OpaquePointer?) {
  guard let context else { return }
  let sink = Unmanaged<NoticeHandler>.fromOpaque(context).takeUnretainedValue()
  func field(_ code: Int32) -> String { PQresultErrorField(result, code).map { String(cString: $0) } ?? "" }
  sink.receive(PostgresNotice(severity: field(PostgresError.severityField), message: field(PostgresError.primaryField)))
}
