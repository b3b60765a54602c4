import Console

extension Demo {
  /// The end of a demo on a terminal: the dashboard on the rows that just landed, until Ctrl-C.
  ///
  /// - Parameters:
  ///   - database: where `netflix_raw` is; it answers until this returns.
  ///   - dataset: the description's file.
  func showDashboard(database: String, dataset: String, log: Log) throws {
  }
}
