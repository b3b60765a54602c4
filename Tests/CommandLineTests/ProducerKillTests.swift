import Glibc
import TestSupport
import Testing

/// A producer that is killed during a run and started again, as a scheduler does.
@Suite(.requiresRealBroker) struct ProducerKillTests {
  private static let ids = 0..<2000

  /// With a key, duplicate messages are merged into one row; without a key, a transaction prevents duplicates.
  @Test(arguments: [true, false])
  func `a producer that is killed and run again loses no rows and duplicates none`(isKeyed: Bool) throws {
    try PipelineFixture.on(isKeyed: isKeyed) { stage in
      let header = "id,name,amount\n"
      let lines = Self.ids.map { "\($0),row \($0),\($0 % 100).25\n" }
      let csv = try stage.folder.write("rows.csv", header + lines.joined())
      let arguments =
        ["--bootstrap-servers", stage.servers, "--topic", stage.topic, "--dataset", stage.folder.path + "/datapackage.json"]
        + (isKeyed ? [] : ["--atomic"])
      let pipe = try NamedPipe(stage.folder.path + "/pipe")
      let program = try RunningProgram("netflix-producer", arguments + [stage.folder.path + "/pipe"])
      try pipe.write(header + lines.prefix(1000).joined())
      try program.wait(until: "rows are in the log") {
        try !contents(of: stage.topic, at: stage.servers, isolation: .readUncommitted).isEmpty
      }
      program.signal(SIGKILL)
      #expect(try program.wait().status == 128 + SIGKILL)
      #expect(try run("netflix-producer", arguments + [csv]).status == 0)
      // Reads to the end: the killed run's transaction no longer blocks the messages of the next run.
      let visible = try contents(of: stage.topic, at: stage.servers).count
      #expect(isKeyed ? visible > Self.ids.count : visible == Self.ids.count)
      let landed = try stage.consume("--exit-at-end")
      #expect(landed.status == 0, "\(landed)")
      #expect(landed.output.number("received") == visible)
      #expect(try stage.isWhole(Self.ids.count) == "whole")
    }
  }
}
