import Glibc

/// The process's environment variables.
public enum Environment {
  /// The value of a variable; nil if it is not set.
  public static func value(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }
  }

  /// Unsets all variables whose names start with one of the prefixes. Call it before any thread starts: getenv(3) is not thread-safe with it.
  public static func remove(prefixes: [String]) {
    var names: [String] = []
    var entry = environ
    while let pointer = entry.pointee {
      names.append(String(String(cString: pointer).prefix { $0 != "=" }))
      entry += 1
    }
    for name in names where prefixes.contains(where: { name.hasPrefix($0) }) { unsetenv(name) }
  }
}
