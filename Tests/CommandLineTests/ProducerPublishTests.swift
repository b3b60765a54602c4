import TestSupport
import Testing

@Suite("netflix-producer")
struct ProducerPublishTests {
  @Test func `publishes the real file, with a machine-readable summary on standard output and a human-readable one on standard error`()
    throws
  {
    try withBroker { servers throws in
      let topic = uniqueTopic()
      var result = try run(
        "netflix-producer", ["--json", "--topic", topic, "data/netflix_revenue_updated.csv"],
        environment: ["KAFKA_BOOTSTRAP_SERVERS": servers])
      result.output.replace(#/"seconds":[0-9.e-]+/#, with: "\"seconds\":0")
      #expect(
        result
          == ProgramResult(
            status: 0,
            output: "{\"topic\":\"\(topic)\",\"read\":21,\"delivered\":21,\"rejected\":0,\"blank\":0,\"bytes\":7408,\"seconds\":0}\n",
            errors: "21 rows of data/netflix_revenue_updated.csv published to topic \(topic)\n"))
      let messages = try contents(of: topic, at: servers)
      let printed = try run("netflix-producer", ["--dry-run", "data/netflix_revenue_updated.csv"]).output
      #expect(messages.map { "\($0.key ?? "")\t\($0.value ?? "")\n" }.sorted().joined() == printed)
    }
  }

  @Test func `a file published twice gives two messages per row; -q prints nothing`() throws {
    try withBroker { servers throws in
      try ProducerFixture.with(servers: servers) { fixture throws in
        let topic = uniqueTopic()
        for _ in 0..<2 { #expect(try fixture.run("-q", "--topic", topic, "people.csv") == ProgramResult(status: 0)) }
        #expect(try contents(of: topic, at: servers).compactMap(\.key).sorted() == ["1", "1", "2", "2"])
      }
    }
  }

  @Test func `standard input is read like a CSV file`() throws {
    try withBroker { servers throws in
      try ProducerFixture.with(servers: servers) { fixture throws in
        let topic = uniqueTopic()
        #expect(
          try fixture.run("--topic", topic, "--dataset", "datapackage.json", "-", input: "Id,Name\n5,Kim\n")
            == ProgramResult(status: 0, errors: "1 row of standard input published to topic \(topic)\n"))
        #expect(try contents(of: topic, at: servers).map(\.value) == ["{\"id\":5,\"name\":\"Kim\"}"])
      }
    }
  }

  @Test func `properties of librdkafka come from a file and from -X`() throws {
    try withBroker { servers throws in
      try ProducerFixture.with { fixture throws in
        let topic = uniqueTopic()
        try fixture.folder.write("kafka.conf", "# for kcat, too\nbootstrap.servers=\(servers)\nlinger.ms = 1\n")
        #expect(
          try fixture.run("-q", "--topic", topic, "--kafka-config", "kafka.conf", "-X", "compression.type=gzip", "people.csv")
            == ProgramResult(status: 0))
        #expect(try contents(of: topic, at: servers).count == 2)
      }
    }
  }

  @Test func `of several resources the one with the CSV's path is used, or the one given by --resource`() throws {
    try ProducerFixture.with { fixture throws in
      let field = #""schema": {"fields": [{"name": "Id", "type": "integer"}, {"name": "Name", "type": "string"}]}"#
      try fixture.folder.write(
        "two.json",
        #"{"resources": [{"name": "a", "path": "a.csv", \#(field)}, {"name": "b", "path": "people.csv", \#(field.replacing("Name", with: "NAME"))}]}"#
      )
      let failure = try fixture.run("--dry-run", "--dataset", "two.json", "people.csv")
      #expect(failure.status == 65)
      #expect(failure.errors.hasPrefix("error: people.csv:1:1: header: the column \"NAME\" is missing\n"))
      #expect(try fixture.run("--dry-run", "--dataset", "two.json", "--resource", "a", "people.csv").status == 0)
      #expect(
        try fixture.run("--dry-run", "--dataset", "two.json", "-")
          == ProgramResult(
            status: 78,
            errors: """
              error: two.json: resources: it describes several resources and none of them is this file
                Name one with --resource: "a", "b".

              """))
    }
  }
}
