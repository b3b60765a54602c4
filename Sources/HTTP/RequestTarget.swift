/// A parsed request target: path segments and query parameters, each percent-decoded separately,
/// so that an escaped `/`, `?`, `&` or `=` never changes where a part ends.
public struct RequestTarget: Sendable, Equatable {
  /// A query parameter; the value is empty if there is no `=`.
  public struct Parameter: Sendable, Equatable {
    /// The decoded name.
    public let name: String
    /// The decoded value.
    public let value: String
  }

  /// The decoded path segments; one empty segment for `/`.
  public let segments: [String]
  /// The decoded query parameters, in their order.
  public let parameters: [Parameter]

  /// The decoded path, as the router compares it.
  public var path: String { "/" + segments.joined(separator: "/") }

  /// Nil if the target is not in origin form (`/path?query`) or cannot be decoded.
  public init?(_ target: some BidirectionalCollection<UInt8>) {
    guard target.first == UInt8(ascii: "/") else { return nil }
    let mark = target.firstIndex(of: UInt8(ascii: "?")) ?? target.endIndex
    var segments: [String] = []
    for part in target[..<mark].dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
      guard let segment = PercentEncoding.decode(part) else { return nil }
      segments.append(segment)
    }
    var parameters: [Parameter] = []
    for part in target[mark...].dropFirst().split(separator: UInt8(ascii: "&")) {
      let equals = part.firstIndex(of: UInt8(ascii: "=")) ?? part.endIndex
      guard let name = PercentEncoding.decode(part[..<equals], plusIsSpace: true),
        let value = PercentEncoding.decode(part[equals...].dropFirst(), plusIsSpace: true)
      else { return nil }
      parameters.append(Parameter(name: name, value: value))
    }
    self.segments = segments
    self.parameters = parameters
  }
}

extension RequestTarget {
  /// The target `/`.
  public static let root = RequestTarget(segments: [""], parameters: [])

  private init(segments: [String], parameters: [Parameter]) {
    self.segments = segments
    self.parameters = parameters
  }
}
