/// The two databases a warehouse can be in.
public enum Engine: String, Sendable, CaseIterable {
  case sqlite
  case postgres
}
