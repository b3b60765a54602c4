import Console

/// Everything around the row's path: try it, check it, and make something of it.
@main
struct Netflix: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "netflix",
    abstract: "shows, checks and analyses what netflix-producer and netflix-consumer carry",
    examples: [
      .init("The whole journey on this machine, with nothing to set up", "netflix demo"),
      .init("What one command does", "netflix demo --help"),
    ],
    // One file each in Commands, in the order one meets them.
    subcommands: [
      Demo.self,
      Describe.self,
      Etl.self,
      Check.self,
      Analyze.self,
      Forecast.self,
      Dashboard.self,
      Export.self,
      Verify.self,
      NiFiTemplate.self,
    ])
}
