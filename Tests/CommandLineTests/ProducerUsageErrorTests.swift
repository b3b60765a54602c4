import TestSupport
import Testing

/// The rows of the README's exit-code table with 64, 73 and 78.
@Suite("netflix-producer usage errors")
struct ProducerUsageErrorTests {
  @Test(
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
        "Kafka: invalid -X argument: expected name=value\n  For example: -X security.protocol=SASL_SSL."
      ),
      (["--topic", "a topic", "people.csv"], "Kafka: invalid topic name 'a topic'\n  Use at most 249 letters, digits, . _ and -."),
      (["--rejects", "-", "people.csv"], "--rejects takes a file\n  For example: --rejects bad-rows.txt, or --rejects /dev/stderr."),
      (
        ["--rejects", "", "people.csv"],
        "--rejects: the value is empty\n  Is a variable of the shell unset? 'netflix-producer --help' explains all options."
      ),
      (["--transactional-id", "me", "people.csv"], "--transactional-id is for --atomic\n  Add --atomic, or leave it out."),
      (["--rejects", "people.csv", "people.csv"], "--rejects names the CSV itself\n  Bad rows need a file of their own."),
      (["--json", "--dry-run", "people.csv"], "--dry-run prints messages, --json a summary\n  Leave one of them out."),
      (
        ["--atomic", "-X", "message.timeout.ms=90000", "people.csv"],
        "Kafka: librdkafka rejects this combination of properties: `message.timeout.ms` must be set <= `transaction.timeout.ms`\n  Check -X and --kafka-config."
      ),
    ] as [([String], String)])
  func `unknown options and properties, and managed properties, are errors`(arguments: [String], message: String) throws {
    try ProducerFixture.with { fixture throws in
      let result = try TestSupport.run("netflix-producer", arguments, directory: fixture.folder.path)
      #expect(result == ProgramResult(status: 64, errors: "error: \(message)\n"))
    }
  }

  @Test func `an invalid property in a file is reported with its line, without showing a secret`() throws {
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

  @Test
  func `a rejects file that cannot be opened is an error before a row is sent, and one that cannot be completed is an error afterwards`()
    throws
  {
    try ProducerFixture.with { fixture throws in
      #expect(
        try fixture.run("--rejects", "none/bad", "people.csv")
          == ProgramResult(
            status: 73,
            errors: """
              error: the file of rejected rows, none/bad: cannot be written: No such file or directory
                Make its folder first, or name another.

              """))
    }
    try withBroker { servers throws in
      try ProducerFixture.with("Id,Name\n1,Ann\nx,Bob\n", servers: servers) { fixture throws in
        #expect(
          try fixture.run("-q", "--topic", uniqueTopic(), "--on-bad-row", "skip", "--rejects", "/dev/full", "people.csv")
            == ProgramResult(
              status: 73,
              errors: """
                warning: rejected: people.csv:3:1: Id: "x" is not a whole number
                error: the file of rejected rows, /dev/full: cannot be written: No space left on device
                  Free space there, or name a file on another disk.
                  1 row was published.

                """))
      }
    }
  }

  @Test func `a full standard output is 73, and a closed one is not an error`() throws {
    try ProducerFixture.with { fixture throws in
      let full = try TestSupport.run(
        "/bin/sh", ["-c", "exec \(TestProject.products)/netflix-producer --dry-run people.csv > /dev/full"], directory: fixture.folder.path)
      #expect(full == ProgramResult(status: 73, errors: "error: cannot write to standard output: No space left on device\n"))
    }
  }

  @Test func `an invalid description and an unsupported feature are errors`() throws {
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
