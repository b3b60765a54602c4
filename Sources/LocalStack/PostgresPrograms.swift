import Glibc

/// The paths of initdb and postgres, and the user that they run as.
struct PostgresPrograms {
  let folder: String
  var initdb: String { folder + "/initdb" }
  var postgres: String { folder + "/postgres" }
  var psql: String { access(folder + "/psql", X_OK) == 0 ? folder + "/psql" : "psql" }

  /// Searches the folders of Debian's and Ubuntu's packages (the newest version first), then PATH.
  static func find() throws(DevServicesError) -> PostgresPrograms {
    let versions = entries(of: "/usr/lib/postgresql").compactMap { Int($0) }.sorted(by: >)
    let path = getenv("PATH").map { String(cString: $0) } ?? ""
    let folders = versions.map { "/usr/lib/postgresql/\($0)/bin" } + path.split(separator: ":").map(String.init)
    guard let folder = folders.first(where: { access($0 + "/initdb", X_OK) == 0 && access($0 + "/postgres", X_OK) == 0 }) else {
      throw DevServicesError("Postgres is not installed (no initdb in /usr/lib/postgresql or PATH)", advice: "apt install postgresql")
    }
    return PostgresPrograms(folder: folder)
  }

  /// The user for a process that runs as root, because Postgres does not run as root: `postgres`, or `nobody` if that user does not exist.
  static func unprivilegedUser() throws(DevServicesError) -> (user: uid_t, group: gid_t)? {
    guard geteuid() == 0 else { return nil }
    for name in ["postgres", "nobody"] {
      if let entry = getpwnam(name) { return (entry.pointee.pw_uid, entry.pointee.pw_gid) }
    }
    throw DevServicesError("Postgres does not run as root, and there is neither a user postgres nor nobody")
  }

  static func entries(of folder: String) -> [String] {
    guard let stream = opendir(folder) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      names.append(
        withUnsafePointer(to: &entry.pointee.d_name) { $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) } })
    }
    return names
  }
}
