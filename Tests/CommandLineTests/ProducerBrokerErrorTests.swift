import Glibc
import Kafka
import KafkaMock
import TestSupport
import Testing

/// The exit codes (docs/operations.md) 69, 77, 130 and 143.
@Suite("netflix-producer broker errors")
struct ProducerBrokerErrorTests {
  @Test func `a broker that does not respond is retried for --retry-seconds and reported once`() throws {
    try ProducerFixture.with { fixture throws in
      let result = try fixture.run("--json", "--retry-seconds", "5", "people.csv")
      #expect(
        result
          == ProgramResult(
            status: 69, output: "{\"topic\":\"people\",\"read\":2,\"delivered\":0,\"rejected\":0,\"blank\":0,\"bytes\":44,\"seconds\":0}\n",
            errors: """
              warning: Kafka at 127.0.0.1:1 does not answer: Connect to ipv4#127.0.0.1:1 failed: Connection refused; trying for 5 s
              error: Kafka: 127.0.0.1:1: a message to topic people was not acknowledged within 5 s (Connect to ipv4#127.0.0.1:1 failed: \
              Connection refused)
                Check that the broker is running and that this is its address (--bootstrap-servers).
                Nothing was published.

              """))
    }
  }

  @Test func `without a coordinator no transaction starts`() throws {
    try ProducerFixture.with { fixture throws in
      let result = try fixture.run("-qq", "--atomic", "--retry-seconds", "5", "people.csv")
      #expect(
        result
          == ProgramResult(
            status: 69,
            errors: """
              error: Kafka: 127.0.0.1:1: the transaction coordinator did not answer within 5 s (Connect to ipv4#127.0.0.1:1 failed: \
              Connection refused)
                Check that the broker is running and that this is its address (--bootstrap-servers).
                Nothing of the file is visible to readers: its transaction was not committed.

              """))
    }
  }

  @Test(
    arguments: [(SIGINT, 130, "SIGINT"), (SIGTERM, 143, "SIGTERM")])
  func `after a signal all rows read so far are delivered, and the exit status shows that the run is incomplete`(
    number: Int32, status: Int32, name: String
  ) throws {
    try withBroker { servers throws in
      try ProducerFixture.with(servers: servers) { fixture throws in
        let topic = uniqueTopic()
        let (program, pipe) = try fixture.start("--topic", topic)
        try pipe.write("Id,Name\n1,Ann\n2,Bob\n")
        try program.wait(until: "both rows have arrived", seconds: 60) { try contents(of: topic, at: servers).count == 2 }
        program.signal(number)
        #expect(
          try program.wait()
            == ProgramResult(status: status, errors: "error: stopped by \(name) before the end of the file\n  2 rows were published.\n"))
      }
    }
  }

  @Test func `after SIGTERM the rows whose acknowledgments did not arrive are reported as possibly published`() throws {
    let broker = try MockCluster.open()
    defer { broker.close() }
    let servers = broker.bootstrapServers
    try ProducerFixture.with(servers: servers) { fixture throws in
      let topic = uniqueTopic()
      let (program, pipe) = try fixture.start("--json", "--topic", topic)
      try pipe.write("Id,Name\n1,Ann\n2,Bob\n")
      try program.wait(until: "both rows have arrived", seconds: 60) { try contents(of: topic, at: servers).count == 2 }
      broker.delayAnswers(seconds: 600)
      // More than the pipe holds, so the program has read some of it, and less than fills its queue, so that it reads.
      try pipe.write((3...10_000).map { "\($0),Ann\n" }.joined())
      program.signal(SIGTERM)
      let result = try program.wait()
      let read = try #require(result.output.number("read"))
      #expect(read > 2 && result.output.number("delivered") == 2, "\(result)")
      #expect(result.status == 143)
      let number = try #require(result.errors.firstMatch(of: /Up to ([0-9,]+) more/)).1
      #expect(Int(number.replacing(",", with: "")) == read - 2)
      #expect(
        result.errors.hasSuffix(
          """
          error: stopped by SIGTERM before the end of the file
            2 rows were published. Up to \(number) more may have been: their acknowledgments did not arrive.

          """), "\(result)")
    }
  }

  @Test(
    arguments: [(SIGINT, 130, "SIGINT"), (SIGTERM, 143, "SIGTERM")])
  func `after a signal without a coordinator the error reports the signal, not the expired --retry-seconds`(
    number: Int32, status: Int32, name: String
  ) throws {
    try ProducerFixture.with { fixture throws in
      let (program, pipe) = try fixture.start("--atomic")
      try pipe.write("Id,Name\n1,Ann\n")
      try program.wait(until: "it says that no broker answers", seconds: 60) { program.errors.contains("does not answer") }
      program.signal(number)
      let result = try program.wait()
      #expect(result.status == status)
      #expect(
        result.errors.hasSuffix(
          """
          error: stopped by \(name) before the end of the file
            Nothing of the file is visible to readers: its transaction was not committed.

          """))
    }
  }

  @Test(.requiresSecureBroker)
  func `TLS with a password works with -X`() throws { try withSecureBroker("netflix") { #expect($0 == ProgramResult(status: 0)) } }

  @Test(.requiresSecureBroker)
  func `a wrong password is reported at once`() throws {
    try withSecureBroker("hunter2") { result in
      #expect(
        result
          == ProgramResult(
            status: 77,
            errors: """
              error: Kafka: SASL authentication error: Authentication failed: Invalid username or password
                Check sasl.username, sasl.password and sasl.mechanism.
                Nothing was published.

              """))
    }
  }

  @Test(
    arguments: [
      (
        Certificates.Name.good, "other.pem", "is not signed by an authority of ssl.ca.location",
        "Set the certificate of the authority that signed it: -X ssl.ca.location=FILE."
      ), (.expired, "ca.pem", "has expired", "Renew the broker's certificate, or set the clock of this machine."),
      (
        .elsewhere, "ca.pem", "is for another host name",
        "Use the host name of the certificate, in --bootstrap-servers and in the broker's advertised.listeners; "
          + "-X ssl.endpoint.identification.algorithm=none disables the check of names."
      ), (.good, "ca.pem", nil, nil),
    ] as [(Certificates.Name, String, String?, String?)])
  func `an untrusted, an expired and another host's certificate are distinguished`(
    name: Certificates.Name, authority: String, fault: String?, hint: String?
  ) throws {
    try withTemporaryFolder { folder in
      let certificates = try Certificates(in: folder)
      // Only the handshake is tested: there is no broker behind it.
      let server = try RunningProgram(
        "/usr/bin/openssl",
        [
          "s_server", "-accept", "127.0.0.1:0", "-www", "-cert", certificates.path("\(name.rawValue).pem"), "-key",
          certificates.path("\(name.rawValue).key"),
        ])
      try server.wait(until: "it listens") { server.output.contains("ACCEPT 127.0.0.1:") && server.output.hasSuffix("\n") }
      let port = try #require(server.output.firstMatch(of: /ACCEPT 127\.0\.0\.1:([0-9]+)/)).1
      try ProducerFixture.with(servers: "localhost:\(port)") { fixture throws in
        let result = try fixture.run(
          "--retry-seconds", "3", "-X", "security.protocol=ssl", "-X", "ssl.ca.location=\(certificates.path(authority))", "people.csv")
        #expect(result.status == 69, "\(result)")
        guard let fault, let hint else {
          #expect(!result.errors.contains("certificate"), "\(result)")
          return
        }
        #expect(result.errors.contains("the certificate of localhost:\(port) \(fault)"), "\(result)")
        #expect(result.errors.contains(hint), "\(result)")
      }
    }
  }

  private func withSecureBroker(_ password: String, _ body: (ProgramResult) throws -> Void) throws {
    let servers = try #require(TestEnvironment.secureServers)
    let authority = try #require(TestEnvironment.secureAuthority)
    try ProducerFixture.with(servers: servers) { fixture throws in
      try body(
        fixture.run(
          "-q", "--topic", uniqueTopic(), "-X", "security.protocol=SASL_SSL", "-X", "ssl.ca.location=\(authority)", "-X",
          "sasl.mechanism=PLAIN", "-X", "sasl.username=netflix", "-X", "sasl.password=\(password)", "people.csv"))
    }
  }
}
