import Console
import Postgres

/// Which Postgres.
public struct DatabaseOptions: ParsableArguments {
  public static let defaultURL = "postgresql://netflix:netflix@localhost:5432/netflixdb"

  @Option(
    help: ArgumentHelp(
      "Postgres, as a URL or as libpq's key=value words.", valueName: "URL", default: "PGHOST, PGUSER …, else \(defaultURL)"),
    environment: "DATABASE_URL")
  public var database: String?

  public init() {}

  /// What to open: the option or DATABASE_URL, else nothing where libpq's own variables say it, else the database of the compose file.
  public var address: String? { address(environment: Environment.value) }

  func address(environment: (String) -> String?) -> String? {
    if let database { return database }
    return Self.libpqVariables.contains { !(environment($0) ?? "").isEmpty } ? nil : Self.defaultURL
  }

  /// The variables of libpq that say where a database is and who one is; one of them is enough, and libpq fills in the rest.
  static let libpqVariables = ["PGHOST", "PGHOSTADDR", "PGPORT", "PGDATABASE", "PGUSER", "PGPASSWORD", "PGPASSFILE", "PGSERVICE"]
}
