import Glibc

/// The process's environment variables.
public enum Environment {
  /// - Returns: nil where it is not set.
  public static func value(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }
  }
}
