import CLibPQ

extension PostgresConnection {
  /// Runs `body` in a transaction: committed if it returns, rolled back if it throws.
  ///
  /// - Parameters:
  ///   - begin: the statement that opens it, such as `BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY`.
  ///   - more: statements to run first, in the same round trip.
  @discardableResult
  public func transaction<T>(begin: String = "BEGIN", _ more: String = "", _ body: (PostgresConnection) throws -> T) throws -> T {
    try self.begin(begin, more)
    let value: T
    do {
      value = try body(self)
    } catch {
      // The first error is the one to tell; a session that cannot even roll back is found out by its next use.
      try? rollback()
      throw error
    }
    try commit()
    return value
  }

  /// Opens a transaction, with the session's settings where a pooler keeps none, and then runs `more` in the same round trip.
  public func begin(_ begin: String = "BEGIN", _ more: String = "") throws(PostgresError) {
    try execute([begin, isPooled ? Self.transactionSettings : "", more].filter { !$0.isEmpty }.joined(separator: "; "))
  }

  /// Commits. Throws if the server rolled back instead, as it does after a statement failed, and says in the error if it is not known
  /// whether the commit happened.
  public func commit() throws(PostgresError) {
    let handle = try handle()
    let result: PostgresResult
    do throws(PostgresError) {
      result = try run(handle, "COMMIT")
    } catch {
      var error = error
      error.commitOutcomeUnknown = !isUsable
      throw error
    }
    if result.tag == "ROLLBACK" {
      throw PostgresError(kind: .internal, sqlstate: "25P02", message: "the transaction was rolled back: a statement in it had failed")
    }
  }

  /// Rolls back; outside of a transaction it does nothing.
  public func rollback() throws(PostgresError) {
    guard isInTransaction else { return }
    try execute("ROLLBACK")
  }

  /// A transaction is open, failed or not.
  public var isInTransaction: Bool {
    guard let handle = try? handle() else { return false }
    let status = PQtransactionStatus(handle)
    return status == PQTRANS_INTRANS || status == PQTRANS_INERROR || status == PQTRANS_ACTIVE
  }
}
