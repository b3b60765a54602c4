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

extension PostgresRowView {
  /// What a column's text means.
  public enum Kind: Sendable {
    case number
    /// `t` or `f`.
    case boolean
    case other
  }

  public func kind(_ column: Int) -> Kind {
    // The numbers of built-in types never change (pg_type.dat): bool; int8, int2, int4, oid, float4, float8, numeric.
    switch PQftype(result, Int32(column)) {
    case 16: .boolean
    case 20, 21, 23, 26, 700, 701, 1700: .number
    default: .other
    }
  }
}
