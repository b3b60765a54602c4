import CMicrohttpd

/// Connects an event stream to the MHD response that reads from it, and disconnects it when MHD frees the response.
final class EventStreamBody {
  let stream: EventStream
  let connection: OpaquePointer
  let sleepers: SuspendedResponses

  init(stream: EventStream, connection: OpaquePointer, sleepers: SuspendedResponses) {
    self.stream = stream
    self.connection = connection
    self.sleepers = sleepers
  }

  /// A response of unknown length that owns this object.
  var response: OpaquePointer? {
    let owner = Unmanaged.passRetained(self)
    let response = MHD_create_response_from_callback(UInt64.max, 4096, readEvents, owner.toOpaque(), dropEvents)
    if response == nil { dropEvents(owner.toOpaque()) }
    return response
  }
}

/// MHD_ContentReaderCallback. A global function because C calls it on its own threads.
private func readEvents(_ context: UnsafeMutableRawPointer?, _: UInt64, _ buffer: UnsafeMutablePointer<CChar>?, _ size: Int) -> Int {
  guard let context, let buffer else { return -1 }
  let reader = Unmanaged<EventStreamBody>.fromOpaque(context).takeUnretainedValue()
  return reader.stream.read(into: UnsafeMutableRawBufferPointer(start: buffer, count: size), of: reader.connection)
}

/// MHD_ContentReaderFreeCallback.
private func dropEvents(_ context: UnsafeMutableRawPointer?) {
  guard let context else { return }
  let reader = Unmanaged<EventStreamBody>.fromOpaque(context).takeRetainedValue()
  reader.stream.drop()
  reader.sleepers.remove(reader.stream)
}
