import TestSupport
import Testing

/// The lines of docs/operations.md that end with 64, 73 and 78.
@Suite("netflix-producer and what it cannot be asked")
struct ProducerUsageErrorTests {
  @Test(
    "options and properties that there are not, and those the promise rests on",
    arguments: [
      (
        ["--atomical", "people.csv"], "unknown option --atomical\n  Did you mean --atomic? 'netflix-producer --help' explains all options."
      ),
      ([], "missing argument <CSV>\n  'netflix-producer --help' explains all options."),
      (
        ["--on-bad-row", "ignore", "people.csv"],
        "--on-bad-row: 'ignore' is not one of stop, skip\n  'netflix-producer --help' explains all options."
      ),
      (["-X", "linger.sm=5", "people.csv"], "Kafka: unknown property linger.sm\n  Did you mean linger.ms?"),
      (
        ["-X", "linger.ms=soon", "people.csv"],
        "Kafka: property linger.ms: Invalid value for configuration property \"queue.buffering.max.ms\"\n  librdkafka's CONFIGURATION.md has the values of each property."
      ),
      (
        ["-X", "acks=1", "people.csv"],
        "Kafka: property acks cannot be set\n  The producer is always idempotent and waits for all in-sync replicas."
      ),
      (
        ["-X", "enable.idempotence=false", "people.csv"],
        "Kafka: property enable.idempotence cannot be set\n  The producer is always idempotent and waits for all in-sync replicas."
      ),
      (
        ["-X", "max.request.size=1", "people.csv"],
        "Kafka: property max.request.size is the Java client's: librdkafka does not have it\n  Set message.max.bytes."
      ),
      (
        ["-X", "hunter2", "people.csv"],
        "Kafka: -X takes name=value, and there is no name or no =\n  For instance: -X security.protocol=SASL_SSL."
      ),
      (["--topic", "a topic", "people.csv"], "Kafka: 'a topic' is no name of a topic\n  Letters, digits, . _ and -, at most 249."),
      (["--topic", "", "people.csv"], "Kafka: '' is no name of a topic\n  Letters, digits, . _ and -, at most 249."),
      (["--dry-run", "--topic", "", "people.csv"], "Kafka: '' is no name of a topic\n  Letters, digits, . _ and -, at most 249."),
      (["--transactional-id", "me", "people.csv"], "--transactional-id is for --atomic\n  Add --atomic, or leave it out."),
      (["--rejects", "people.csv", "people.csv"], "--rejects names the CSV itself\n  Bad rows need a file of their own."),
      (["--json", "--dry-run", "people.csv"], "--dry-run prints messages, --json a summary\n  Leave one of them out."),
      (
        ["--atomic", "-X", "message.timeout.ms=90000", "people.csv"],
        "Kafka: librdkafka does not take these properties together: `message.timeout.ms` must be set <= `transaction.timeout.ms`\n  See to -X and --kafka-config."
      ),
    ] as [([String], String)])
  func usage(arguments: [String], told: String) throws {
    try ProducerFixture.with { fixture throws in
      let result = try TestSupport.run("netflix-producer", arguments, directory: fixture.folder.path)
      #expect(result == ProgramResult(status: 64, errors: "error: \(told)\n"))
    }
  }

  @Test("a property in a file is told by its line, and no secret is shown")
  func propertyFile() throws {
    try ProducerFixture.with { fixture throws in
      try fixture.folder.write("kafka.conf", "sasl.password=hunter2\nsasl.jaas.config=hunter2\n")
      #expect(
        try fixture.run("--kafka-config", "kafka.conf", "people.csv")
          == ProgramResult(
            status: 64,
            errors: """
              error: Kafka: kafka.conf:2: property sasl.jaas.config is the Java client's: librdkafka does not have it
                Set sasl.username and sasl.password.

              """))
    }
  }

  @Test("a file of rejects that cannot be written is told before a row is sent, and one that cannot be finished afterwards")
  func rejects() throws {
    try ProducerFixture.with { fixture throws in
      #expect(
        try fixture.run("--rejects", "none/bad", "people.csv")
          == ProgramResult(
            status: 73,
            errors: """
              error: the file of rejected rows, none/bad: cannot be written: No such file or directory
                Check that the directory exists, its permissions and the free disk space.

              """))
    }
    try withBroker { servers throws in
      try ProducerFixture.with("Id,Name\n1,Ann\nx,Bob\n", servers: servers) { fixture throws in
        #expect(
          try fixture.run("-q", "--topic", uniqueTopic(), "--on-bad-row", "skip", "--rejects", "/dev/full", "people.csv")
            == ProgramResult(
              status: 73,
              errors: """
                warning: set aside: people.csv:3:1: Id: "x" is not a whole number
                error: the file of rejected rows, /dev/full: cannot be written: No space left on device
                  Check that the directory exists, its permissions and the free disk space.
                  1 row was published.

                """))
      }
    }
  }

  @Test("standard output that is full is 73, one that has gone is no failure")
  func output() throws {
    try ProducerFixture.with { fixture throws in
      let full = try TestSupport.run(
        "/bin/sh", ["-c", "exec \(TestProject.products)/netflix-producer --dry-run people.csv > /dev/full"], directory: fixture.folder.path)
      #expect(full == ProgramResult(status: 73, errors: "error: cannot write to standard output: No space left on device\n"))
    }
  }

  @Test("a description that is none, and one that asks for what is not supported")
  func description() throws {
    try ProducerFixture.with { fixture throws in
      try fixture.folder.write("datapackage.json", "{")
      let broken = try fixture.run("people.csv")
      #expect(broken.status == 78)
      #expect(broken.errors.hasPrefix("error: datapackage.json:1:"))
      try fixture.folder.write(
        "datapackage.json", #"{"resources":[{"name":"a","path":"people.csv","schema":{"fields":[{"name":"Id","type":"geopoint"}]}}]}"#)
      let unsupported = try fixture.run("people.csv")
      #expect(unsupported.status == 78)
      #expect(unsupported.errors.hasPrefix("error: datapackage.json: resources[0].schema.fields[0].type: the type \"geopoint\""))
    }
  }
}
