import CMicrohttpd

/// A connection that MHD watches no more until it is woken: it costs memory, no thread and no polling.
///
/// The owner keeps it behind its lock, and only while the connection sleeps: MHD frees no suspended connection, so a handle held here is alive.
/// `@unchecked Sendable`: the manual says that MHD_resume_connection may be called from any thread ("MHD_resume_connection: Resume handling
/// of network data for suspended connection. It is safe to resume a suspended connection at any time").
struct SuspendedConnection: @unchecked Sendable {
  private let handle: OpaquePointer

  /// Puts the connection to sleep. To be called from a callback of MHD for this very connection.
  init(suspending handle: OpaquePointer) {
    self.handle = handle
    MHD_suspend_connection(handle)
  }

  consuming func resume() {
    MHD_resume_connection(handle)
  }
}
