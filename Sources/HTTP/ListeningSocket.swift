import Glibc
import SystemIO

/// A bound, listening TCP socket. It is created here and not by MHD, so that a port in use is distinguished from other errors.
struct ListeningSocket: ~Copyable {
  let descriptor: Int32
  /// The port; if 0 was requested, the one that the system chose.
  let port: Int
  let isIPv6: Bool

  init(host: String, port: Int) throws(HTTPError) {
    guard (0...65_535).contains(port) else {
      throw HTTPError(kind: .other, message: "\(port) is not a valid port", hint: "Use a port from 1 to 65535, or 0 for any free port.")
    }
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
    var list: UnsafeMutablePointer<addrinfo>?
    let code = getaddrinfo(host, String(port), &hints, &list)
    guard code == 0, let address = list?.pointee else {
      throw HTTPError(
        kind: .noSuchAddress, message: "\(host): \(String(cString: gai_strerror(code)))",
        hint: "Use an address of this machine: 127.0.0.1 for this machine only, 0.0.0.0 for all networks.")
    }
    defer { freeaddrinfo(list) }
    let type = address.ai_socktype | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    let descriptor = socket(address.ai_family, type, address.ai_protocol)
    guard descriptor >= 0 else { throw Self.error(errno, host: host, port: port) }
    var on: Int32 = 1
    // A restarted server can bind its port at once even if old connections linger; if another server still listens on it, binding fails.
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
    guard bind(descriptor, address.ai_addr, address.ai_addrlen) == 0, listen(descriptor, 511) == 0 else {
      let number = errno
      Glibc.close(descriptor)
      throw Self.error(number, host: host, port: port)
    }
    self.descriptor = descriptor
    isIPv6 = address.ai_family == AF_INET6
    self.port = Self.port(of: descriptor) ?? port
  }

  private static func port(of descriptor: Int32) -> Int? {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    return withUnsafeMutableBytes(of: &storage) { raw in
      guard let base = raw.baseAddress else { return nil }
      guard getsockname(descriptor, base.assumingMemoryBound(to: sockaddr.self), &length) == 0 else { return nil }
      // sin_port and sin6_port have the same offset, in network byte order.
      return Int(raw[2]) << 8 | Int(raw[3])
    }
  }

  private static func error(_ number: Int32, host: String, port: Int) -> HTTPError {
    let place = "\(host):\(port)"
    return switch number {
    case EADDRINUSE:
      HTTPError(
        kind: .portTaken, message: "port \(port) on \(host) is taken by another program",
        hint: "Stop that program, or give another port (0: any that is free).")
    case EACCES, EPERM:
      HTTPError(
        kind: .refused, message: "not allowed to listen on \(place)",
        hint: "Ports below 1024 need administrator rights: use a higher one."
      )
    case EADDRNOTAVAIL:
      HTTPError(
        kind: .noSuchAddress, message: "\(host) is not an address of this machine",
        hint: "Use 127.0.0.1 for this machine only, 0.0.0.0 for all networks.")
    default:
      HTTPError(
        kind: .other, message: "cannot listen on \(place): \(systemMessage(number))", hint: "Use another address or port.")
    }
  }
}
