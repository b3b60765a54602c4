import CLibPQ

/// The owner of a PGresult.
struct PostgresResult: ~Copyable {
  let pointer: OpaquePointer?

  init(_ pointer: OpaquePointer?) { self.pointer = pointer }

  deinit { PQclear(pointer) }

  var status: ExecStatusType { PQresultStatus(pointer) }

  /// The command tag, for example `INSERT 0 5` or `COMMIT`.
  var tag: String { PQcmdStatus(pointer).map { String(cString: $0) } ?? "" }

  var affected: Int { PQcmdTuples(pointer).flatMap { Int(String(cString: $0)) } ?? 0 }

  /// Throws unless the statement succeeded.
  borrowing func check(_ handle: OpaquePointer) throws(PostgresError) {
    switch status {
    case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_SINGLE_TUPLE, PGRES_EMPTY_QUERY: return
    default: throw PostgresError(result: pointer, connection: handle)
    }
  }

  borrowing func rows() -> PostgresRows {
    let columns = PQnfields(pointer)
    return PostgresRows(
      columns: (0..<columns).map { PQfname(pointer, $0).map { String(cString: $0) } ?? "" },
      rows: (0..<PQntuples(pointer)).map { row in (0..<columns).map { value(row, $0) } },
      affected: affected)
  }

  private borrowing func value(_ row: Int32, _ column: Int32) -> String? {
    guard PQgetisnull(pointer, row, column) == 0, let start = PQgetvalue(pointer, row, column) else { return nil }
    let bytes = UnsafeRawBufferPointer(start: start, count: Int(PQgetlength(pointer, row, column)))
    return String(decoding: bytes, as: UTF8.self)
  }
}

/// One row of a running query. Valid only inside the closure that receives it.
package struct PostgresRowView {
  let result: OpaquePointer

  /// Number of columns.
  package var count: Int { Int(PQnfields(result)) }

  /// The bytes of a value in text format, as the server sent them; nil for NULL. Columns count from 0.
  package func bytes(_ column: Int) -> UnsafeRawBufferPointer? {
    guard PQgetisnull(result, 0, Int32(column)) == 0, let start = PQgetvalue(result, 0, Int32(column)) else { return nil }
    return UnsafeRawBufferPointer(start: start, count: Int(PQgetlength(result, 0, Int32(column))))
  }

  /// A value in text format; nil for NULL.
  package subscript(column: Int) -> String? { bytes(column).map { String(decoding: $0, as: UTF8.self) } }
}

extension PostgresRowView {
  /// How to interpret the text of a column.
  package enum Kind: Sendable {
    case number
    /// `t` or `f`.
    case boolean
    case other
  }

  /// The kind of a column's type.
  package func kind(_ column: Int) -> Kind {
    // The OIDs of built-in types never change (pg_type.dat): bool; int8, int2, int4, oid, float4, float8, numeric.
    switch PQftype(result, Int32(column)) {
    case 16: .boolean
    case 20, 21, 23, 26, 700, 701, 1700: .number
    default: .other
    }
  }
}

/// The rows of a query in text format, as the server sent them.
package struct PostgresRows: Sendable, Equatable {
  /// The names of the columns.
  package let columns: [String]
  /// One value per column for each row; nil for NULL.
  package let rows: [[String?]]
  /// Number of rows that an INSERT, UPDATE, DELETE or MERGE affected; for a SELECT, the number of rows returned.
  package let affected: Int

  /// The first value of the first row; nil if there is no row or the value is NULL.
  package var firstValue: String? { rows.first.flatMap { $0.first ?? nil } }
}

extension PostgresRows: RandomAccessCollection {
  /// Always 0.
  package var startIndex: Int { rows.startIndex }
  /// The number of rows.
  package var endIndex: Int { rows.endIndex }
  /// The values of one row.
  package subscript(index: Int) -> [String?] { rows[index] }
}

/// The value of a parameter such as `$1`: text in the server's input format, bytes for bytea, or NULL.
package enum PostgresParameter: Sendable, Equatable {
  case null
  case text(String)
  case bytes([UInt8])

  /// Text, or NULL for nil.
  package init(_ text: String?) { self = text.map { .text($0) } ?? .null }
  /// An integer as decimal text.
  package init(_ number: some BinaryInteger) { self = .text(String(number)) }
}

extension PostgresParameter: ExpressibleByStringLiteral, ExpressibleByNilLiteral {
  /// Text.
  package init(stringLiteral value: String) { self = .text(value) }
  /// NULL.
  package init(nilLiteral: ()) { self = .null }
}
