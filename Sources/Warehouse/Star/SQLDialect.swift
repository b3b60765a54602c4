/// The databases that can contain a warehouse.
public enum SQLDialect: String, Sendable, CaseIterable {
  case sqlite
  case postgres
}
