import Console
import Postgres

/// Options for the Postgres database.
public struct DatabaseOptions: ParsableArguments {
  /// The database of the compose file.
  public static let defaultURL = "postgresql://netflix:netflix@localhost:5432/netflixdb"

  /// `--database`
  @Option(
    help: ArgumentHelp(
      "Postgres, as a URL or as libpq key=value pairs.", valueName: "URL", default: "PGHOST, PGUSER …, else \(defaultURL)"),
    environment: "DATABASE_URL")
  public var database: String?

  /// The default values.
  public init() {}

  /// The connection string: the option or DATABASE_URL; nil if libpq's environment variables are set; else the database of the compose file.
  public var address: String? { address(environment: Environment.value) }

  func address(environment: (String) -> String?) -> String? {
    if let database { return database }
    return Self.libpqVariables.contains { !(environment($0) ?? "").isEmpty } ? nil : Self.defaultURL
  }

  /// libpq's environment variables for the server and the user; if one of them is set, libpq fills in the rest.
  static let libpqVariables = ["PGHOST", "PGHOSTADDR", "PGPORT", "PGDATABASE", "PGUSER", "PGPASSWORD", "PGPASSFILE", "PGSERVICE"]
}
