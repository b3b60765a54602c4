import CMicrohttpd

/// A connection that MHD does not poll until it is resumed: it uses memory, but no thread and no polling.
///
/// The owner keeps it behind its lock, and only while the connection is suspended: MHD frees no suspended connection, so the handle is valid.
/// `@unchecked Sendable`: the manual says that MHD_resume_connection may be called from any thread ("MHD_resume_connection: Resume handling
/// of network data for suspended connection. It is safe to resume a suspended connection at any time").
struct SuspendedConnection: @unchecked Sendable {
  private let handle: OpaquePointer

  /// Suspends the connection. Call it only from an MHD callback for this connection.
  init(suspending handle: OpaquePointer) {
    self.handle = handle
    MHD_suspend_connection(handle)
  }

  consuming func resume() {
    MHD_resume_connection(handle)
  }
}
