import CLibPQ

extension PostgresConnection {
  /// Runs `body` in a transaction, which is committed if it returns and rolled back if it throws.
  ///
  /// - Parameter begin: the statement that begins it, such as `BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY`.
  /// - Throws: `PostgresError`; the errors of `body`.
  @discardableResult
  public func transaction<T>(begin: String = "BEGIN", _ more: String = "", _ body: (PostgresConnection) throws -> T) throws -> T {
    try self.begin(begin, more)
    let value: T
    do {
      value = try body(self)
    } catch {
      // The first error is the one to report; if the rollback fails, the next use of the session shows it.
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

  /// Commits the transaction.
  ///
  /// - Throws: `PostgresError`, with SQLSTATE 25P02 if the server rolled back instead because a statement had failed;
  ///   `commitOutcomeUnknown` is set if the outcome of the commit is unknown.
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

  /// Rolls back; does nothing outside a transaction.
  public func rollback() throws(PostgresError) {
    guard isInTransaction else { return }
    try execute("ROLLBACK")
  }

  /// Whether a transaction is open, failed or not.
  public var isInTransaction: Bool {
    guard let handle = try? handle() else { return false }
    let status = PQtransactionStatus(handle)
    return status == PQTRANS_INTRANS || status == PQTRANS_INERROR || status == PQTRANS_ACTIVE
  }
}
