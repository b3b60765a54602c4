import Console

/// Options for a program's output and its verbosity.
public struct OutputOptions: ParsableArguments {
  /// `--json`
  @Flag(help: "Print a machine-readable summary, one line of JSON, on standard output.")
  public var json = false

  /// `--verbose`
  @Flag(name: .shortAndLong, help: "Log more on standard error.")
  public var verbose: Int

  /// `--quiet`
  @Flag(name: .shortAndLong, help: "Log less: warnings and errors only; twice: errors only.")
  public var quiet: Int

  /// The default values.
  public init() {}

  /// A log with the selected level.
  public var log: Log { Log(verbose: verbose, quiet: quiet) }
}
