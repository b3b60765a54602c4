/// A request's target taken apart: path segments and query parameters, percent-decoded one by one,
/// so that an escaped `/`, `?`, `&` or `=` never changes where a part ends.
public struct RequestTarget: Sendable, Equatable {
  public struct Parameter: Sendable, Equatable {
    public let name: String
    public let value: String
  }

  public let segments: [String]
  public let parameters: [Parameter]

  /// The path as a router compares it.
  public var path: String { "/" + segments.joined(separator: "/") }

  /// Nil when the target is not an origin-form one (`/path?query`) of decodable text.
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
  /// `/`
  public static let root = RequestTarget(segments: [""], parameters: [])

  private init(segments: [String], parameters: [Parameter]) {
    self.segments = segments
    self.parameters = parameters
  }
}
