import CLibPQ

/// One row of a running query; valid inside the closure that got it.
public struct PostgresRowView {
  let result: OpaquePointer

  public var count: Int { Int(PQnfields(result)) }

  public func name(_ column: Int) -> String { PQfname(result, Int32(column)).map { String(cString: $0) } ?? "" }

  /// The value's text as the server sent it, nil for NULL.
  public func bytes(_ column: Int) -> UnsafeRawBufferPointer? {
    guard PQgetisnull(result, 0, Int32(column)) == 0, let start = PQgetvalue(result, 0, Int32(column)) else { return nil }
    return UnsafeRawBufferPointer(start: start, count: Int(PQgetlength(result, 0, Int32(column))))
  }

  public subscript(column: Int) -> String? { bytes(column).map { String(decoding: $0, as: UTF8.self) } }
}
