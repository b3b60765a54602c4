/// The two databases a warehouse can be in.
public enum SQLDialect: String, Sendable, CaseIterable {
  case sqlite
  case postgres
}
