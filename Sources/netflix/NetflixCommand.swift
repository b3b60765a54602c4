import Console

/// The `netflix` program: demo, checks, analysis and other tools around the producer and the consumer.
@main
struct NetflixCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "netflix",
    abstract: "Demo, checks, analysis and tools for the data of netflix-producer and netflix-consumer.",
    examples: [
      .init("Run the whole pipeline on this machine, without setup", "netflix demo"),
      .init("Show the help of a command", "netflix demo --help"),
    ],
    // One file each in Commands, in the order of the tutorial.
    subcommands: [
      DemoCommand.self,
      DescribeCommand.self,
      EtlCommand.self,
      CheckCommand.self,
      AnalyzeCommand.self,
      ForecastCommand.self,
      DashboardCommand.self,
      StatusCommand.self,
      OffsetsCommand.self,
      RejectsCommand.self,
      ExportCommand.self,
      VerifyCommand.self,
      NiFiTemplateCommand.self,
    ])
}
