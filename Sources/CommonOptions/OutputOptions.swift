import Console

/// Options for a program's output and its verbosity.
package struct OutputOptions: ParsableArguments {
  /// `--json`
  @Flag(help: "Print a machine-readable summary, one line of JSON, on standard output.")
  package var json = false

  /// `--verbose`
  @Flag(name: .shortAndLong, help: "Log more on standard error.")
  package var verbose: Int

  /// `--quiet`
  @Flag(name: .shortAndLong, help: "Log less: warnings and errors only; twice: errors only.")
  package var quiet: Int

  /// The default values.
  package init() {}

  /// A log with the selected level.
  package var log: Log { Log(verbose: verbose, quiet: quiet) }
}
