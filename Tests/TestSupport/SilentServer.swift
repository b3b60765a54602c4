import DevServices
import Glibc

/// A local port that never responds.
package final class SilentServer {
  /// The stage at which it stops responding.
  package enum Silence: Sendable, CaseIterable {
    /// The system accepts connections; no data is ever sent.
    case afterAccept
    /// Connections are not accepted, as behind a firewall that drops packets.
    case beforeAccept
  }

  /// The port on 127.0.0.1.
  package let port: Int
  private var descriptors: [Int32] = []

  /// Opens the port; throws if the system gives none.
  package init(_ silence: Silence) throws {
    let listener = try LoopbackSocket()
    port = listener.port
    descriptors = [listener.descriptor]
    guard listen(listener.descriptor, silence == .beforeAccept ? 0 : 64) == 0 else {
      throw TestSupportError("cannot listen on port \(port)")
    }
    guard silence == .beforeAccept else { return }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(UInt16(port).bigEndian)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    // A queue of length 0 takes one connection; a later one gets no answer to its first packet.
    for _ in 1...4 {
      let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0)
      descriptors.append(client)
      _ = withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(client, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
      }
    }
  }

  deinit { for descriptor in descriptors { close(descriptor) } }
}
