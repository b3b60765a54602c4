import Glibc

/// A TCP socket on a port of 127.0.0.1 that the system chose.
package struct LoopbackSocket: Sendable {
  /// Bound, not yet listening. The caller closes it.
  package let descriptor: Int32
  package let port: Int

  package init() throws(DevServicesError) {
    let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(socket, $0, size) == 0 && getsockname(socket, $0, &size) == 0 }
    }
    guard isBound else {
      let reason = String(cString: strerror(errno))
      close(socket)
      throw DevServicesError("no port: \(reason)")
    }
    descriptor = socket
    port = Int(UInt16(bigEndian: address.sin_port))
  }

  /// A port where nobody listens, for a server that binds it itself. Another process may take it first: prefer port 0, or listen on the descriptor.
  package static func freePort() throws(DevServicesError) -> Int {
    let socket = try LoopbackSocket()
    defer { close(socket.descriptor) }
    return socket.port
  }
}
