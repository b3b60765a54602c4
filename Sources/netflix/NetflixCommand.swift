import Console

/// Everything around the row's path: try it, check it, and make something of it.
@main
struct NetflixCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "netflix",
    abstract: "shows, checks and analyses what netflix-producer and netflix-consumer carry",
    examples: [
      .init("The whole journey on this machine, with nothing to set up", "netflix demo"),
      .init("What one command does", "netflix demo --help"),
    ],
    // One file each in Commands, in the order one meets them.
    subcommands: [
      DemoCommand.self,
      DescribeCommand.self,
      EtlCommand.self,
      CheckCommand.self,
      AnalyzeCommand.self,
      ForecastCommand.self,
      DashboardCommand.self,
      ExportCommand.self,
      VerifyCommand.self,
      NiFiTemplateCommand.self,
    ])
}
