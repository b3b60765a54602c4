import Console

/// What a program says, and how much of it.
public struct OutputOptions: ParsableArguments {
  @Flag(help: "End with one line of JSON on standard output, for a machine.")
  public var json = false

  @Flag(name: .shortAndLong, help: "Say more on standard error.")
  public var verbose: Int

  @Flag(name: .shortAndLong, help: "Say less: warnings and errors only; twice, errors only.")
  public var quiet: Int

  public init() {}

  public var log: Log { Log(verbose: verbose, quiet: quiet) }
}
