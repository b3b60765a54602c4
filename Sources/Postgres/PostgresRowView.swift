import CLibPQ

/// One row of a running query. Valid only inside the closure that receives it.
public struct PostgresRowView {
  let result: OpaquePointer

  /// Number of columns.
  public var count: Int { Int(PQnfields(result)) }

  /// The name of a column; columns count from 0.
  public func name(_ column: Int) -> String { PQfname(result, Int32(column)).map { String(cString: $0) } ?? "" }

  /// The bytes of a value in text format, as the server sent them; nil for NULL.
  public func bytes(_ column: Int) -> UnsafeRawBufferPointer? {
    guard PQgetisnull(result, 0, Int32(column)) == 0, let start = PQgetvalue(result, 0, Int32(column)) else { return nil }
    return UnsafeRawBufferPointer(start: start, count: Int(PQgetlength(result, 0, Int32(column))))
  }

  /// A value in text format; nil for NULL.
  public subscript(column: Int) -> String? { bytes(column).map { String(decoding: $0, as: UTF8.self) } }
}

extension PostgresRowView {
  /// How to interpret the text of a column.
  public enum Kind: Sendable {
    case number
    /// `t` or `f`.
    case boolean
    case other
  }

  /// The kind of a column's type.
  public func kind(_ column: Int) -> Kind {
    // The OIDs of built-in types never change (pg_type.dat): bool; int8, int2, int4, oid, float4, float8, numeric.
    switch PQftype(result, Int32(column)) {
    case 16: .boolean
    case 20, 21, 23, 26, 700, 701, 1700: .number
    default: .other
    }
  }
}
