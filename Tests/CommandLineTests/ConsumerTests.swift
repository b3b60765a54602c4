import DevServices
import Kafka
import Postgres
import TestSupport
import Testing

/// The interface of netflix-consumer: options, output and exit statuses.
@Suite struct ConsumerTests {
  @Test func `21 quarters get from the CSV to the table, and a second run has nothing to do`() throws {
    try withBroker { servers in
      try withDatabase { url in
        let topic = uniqueTopic("quarters")
        let producer = try run("netflix-producer", ["--bootstrap-servers", servers, "--topic", topic, "-q", TestProject.csv])
        #expect(producer.status == 0, "\(producer)")
        let arguments = [
          "--bootstrap-servers", servers, "--topic", topic, "--group", topic, "--database", url, "--exit-at-end", "--json", "-q",
        ]
        let first = try run("netflix-consumer", arguments)
        #expect(first.status == 0 && first.errors == "", "\(first)")
        #expect(
          withoutSeconds(first.output)
            == "{\"topic\":\"\(topic)\",\"received\":21,\"landed\":21,\"rejected\":0,\"deleted\":0,\"lost\":0,\"unknown\":0,\"batches\":1}")
        let second = try run("netflix-consumer", arguments)
        #expect(
          withoutSeconds(second.output)
            == "{\"topic\":\"\(topic)\",\"received\":0,\"landed\":0,\"rejected\":0,\"deleted\":0,\"lost\":0,\"unknown\":0,\"batches\":0}")
        let connection = try PostgresConnection.open(url, applicationName: "tests")
        defer { connection.close() }
        let rows = try connection.query(
          "SELECT count(*), min(date), max(date), sum(global_revenue), sum(ucan_arpu), bool_and(total_members > 0) FROM netflix_raw")
        #expect(rows.map { $0 } == [["21", "2019-03-31", "2024-03-31", "149559634000", "307.64", "t"]])
      }
    }
  }

  @Test(arguments: [
    (["--nonsense"], "nonsense"), (["--from-beginning"], "--from-beginning requires --exit-at-end"),
    (["--exit-at-end", "--replace"], "--replace requires --from-beginning"), (["--batch-rows", "0"], "batch-rows"),
    (["--batch-seconds", "0"], "--batch-seconds takes a number above 0"), (["--tombstones", "keep"], "tombstones"),
    (["-X", "enable.auto.commit=true"], "enable.auto.commit"), (["-X", "isolation.level=read_uncommitted"], "isolation.level"),
    (["-X", "auto.offset.reset=latest"], "auto.offset.reset"), (["-X", "max.poll.records=5"], "--batch-rows"),
    (["--group", ""], "--group: the value is empty"), (["--table="], "--table: the value is empty"),
    (["--dry-run", "--metrics-port", "9"], "--metrics-port cannot be used with --dry-run"),
    (["--instance-id", ""], "--instance-id: the value is empty"), (["-X", "group.instance.id=one"], "--instance-id"),
    (["--exit-at-end", "--metrics-port", "9"], "--metrics-port cannot be used with --exit-at-end"),
    (["--database", "postgresql://%zz"], "address"),
  ])
  func `invalid options and combinations are reported with 64`(arguments: [String], text: String) throws {
    let result = try run("netflix-consumer", ["--bootstrap-servers", "127.0.0.1:1"] + arguments, directory: TestProject.folder)
    #expect(result.status == 64, "\(result)")
    #expect(result.errors.contains(text), "\(result)")
    #expect(result.output == "")
  }

  @Test func `a missing description is 66, an invalid one 78`() throws {
    try withTemporaryFolder { folder in
      #expect(try run("netflix-consumer", ["--dataset", folder.path + "/none.json"]).status == 66)
      let wrong = try folder.write("wrong.json", "{\"resources\":1}")
      #expect(try run("netflix-consumer", ["--dataset", wrong]).status == 78)
      let deletes = try folder.write("keyless.json", PipelineFixture.description(isKeyed: false))
      let result = try run("netflix-consumer", ["--dataset", deletes, "--tombstones", "delete"])
      #expect(result.status == 78 && result.errors.contains("no primary key"), "\(result)")
    }
  }

  @Test func `an unavailable broker or database is 69 after --retry-seconds, with one warning`() throws {
    try PipelineFixture.on { stage in
      let noBroker = try stage.consume("--exit-at-end", "--bootstrap-servers", "127.0.0.1:1", "--retry-seconds", "2")
      #expect(noBroker.status == 69 && noBroker.output == "", "\(noBroker)")
      #expect(noBroker.errors.contains("127.0.0.1:1"))
      let noDatabase = try stage.consume("--exit-at-end", "--database", "postgresql://x@127.0.0.1:1/x", "--retry-seconds", "2")
      #expect(noDatabase.status == 69 && noDatabase.output == "", "\(noDatabase)")
      #expect(noDatabase.errors.split(separator: "\n").filter { $0.hasPrefix("warning:") }.count == 1, "\(noDatabase)")
    }
  }

  @Test func `a wrong password and a missing permission are 77 immediately`() throws {
    let server = try TemporaryPostgres(.port)
    defer { server.stop() }
    try withBroker { servers in
      try PipelineFixture.at(servers, server.url) { stage in
        let address = "127.0.0.1:\(server.port)/netflixdb"
        let password = try stage.consume("--exit-at-end", "--database", "postgresql://netflix:wrong@\(address)")
        #expect(password.status == 77 && !password.errors.contains("wrong"), "\(password)")
        let none = try stage.consume("--exit-at-end", "--database", "postgresql://netflix@\(address)")
        #expect(none.status == 77, "\(none)")
        try stage.query("CREATE ROLE guest LOGIN PASSWORD 'guest'")
        let right = try stage.consume("--exit-at-end", "--database", "postgresql://guest:guest@\(address)")
        #expect(right.status == 77, "\(right)")
      }
    }
  }

  @Test func `a table with other column types is 78 with the statement to run`() throws {
    try PipelineFixture.on { stage in
      try stage.query("CREATE TABLE rows (id integer, name text, amount numeric)")
      let result = try stage.consume("--exit-at-end")
      #expect(result.status == 78)
      #expect(
        result.errors == """
          error: table "public"."rows" differs from the description: id is integer, not bigint
            Change the description, or run:
            ALTER TABLE "public"."rows" ALTER COLUMN "id" TYPE bigint USING "id"::bigint;

          """)
    }
  }

  @Test func `a table of another program is 78, and rows land with --adopt-table`() throws {
    try PipelineFixture.on { stage in
      try stage.query("CREATE TABLE rows (id bigint, mine text)")
      try stage.query("INSERT INTO rows VALUES (7, 'x')")
      try stage.publish(0..<1)
      let refused = try stage.consume("--exit-at-end")
      #expect(refused.status == 78 && refused.errors.contains("--adopt-table"), "\(refused)")
      #expect(try stage.consume("--exit-at-end", "--adopt-table").status == 0)
      #expect(try stage.query("SELECT id, mine, name FROM rows ORDER BY id") == [["0", nil, "row 0"], ["7", "x", nil]])
      #expect(try stage.consume("--exit-at-end").status == 0)
    }
  }

  /// Exit 65 is for bad data, and this is not bad data.
  @Test func `a statement that fails without any record is 70, with the server's text`() throws {
    try PipelineFixture.on { stage in
      try stage.publish(0..<1)
      #expect(try stage.consume("--exit-at-end").status == 0)
      try stage.query("CREATE FUNCTION closed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'closed'; END $$")
      try stage.query("CREATE TRIGGER closed BEFORE INSERT ON rows FOR EACH STATEMENT EXECUTE FUNCTION closed()")
      try stage.publish(1..<3)
      let result = try stage.consume("--exit-at-end")
      #expect(result.status == 70 && result.errors.contains("closed, without any record, too (SQLSTATE P0001)"), "\(result)")
      #expect(try stage.value("SELECT count(*) FROM netflix_rejected") == "0")
    }
  }

  @Test func `a dry run reports the same reasons that a run stores`() throws {
    try PipelineFixture.on { stage in
      try stage.publish(["{}", "{\"before\":null,\"after\":{\"id\":1}}", "{\"Id\":1}", "<xml/>", "\u{0}\u{0}\u{0}\u{0}\u{1}\u{2}"])
      let arguments = stage.arguments.filter { $0 != "--json" }
      let dry = try run("netflix-consumer", arguments + ["--exit-at-end", "--dry-run"])
      #expect(dry.status == 0 && dry.output == "", "\(dry)")
      let failing = try run("netflix-consumer", arguments + ["--exit-at-end", "--dry-run", "--fail-on-rejects"])
      #expect(failing.status == 65 && failing.errors.hasSuffix("error: 5 messages would be rejected\n"), "\(failing)")
      #expect(try stage.consume("--exit-at-end", "--fail-on-rejects").status == 65)
      let reasons = try stage.query("SELECT kafka_offset, reason FROM netflix_rejected ORDER BY kafka_offset")
      #expect(reasons.count == 5)
      for reason in reasons {
        let line = "partition 0, offset \(reason[0] ?? "") would be rejected: \(reason[1] ?? "")"
        #expect(dry.errors.contains(line), "\(line)")
      }
      #expect(reasons.last?[1]?.contains("byte 0: a Schema Registry format") == true)
    }
  }

  @Test(.requiresRealBroker) func `a dry run of a topic that does not exist reports that immediately`() throws {
    try PipelineFixture.on { stage in
      let arguments = stage.arguments.filter { $0 != "--json" } + ["--exit-at-end", "--dry-run", "--retry-seconds", "1"]
      let result = try run("netflix-consumer", arguments)
      #expect(result.status == 69 && result.errors.contains("topic \(stage.topic) does not exist; trying for 1 s"), "\(result)")
    }
  }

  @Test func `rejected messages change the exit status only with --fail-on-rejects`() throws {
    try PipelineFixture.on { stage in
      try stage.publish(["rubbish", "{\"id\":1}"])
      #expect(try stage.consume("--exit-at-end").status == 0)
      try stage.publish(["rubbish"])
      let result = try stage.consume("--exit-at-end", "--fail-on-rejects")
      #expect(result.status == 65 && result.output.number("rejected") == 1, "\(result)")
    }
  }

  @Test func `a dry run shows the rows, needs no database and writes nothing`() throws {
    try PipelineFixture.on { stage in
      try stage.publish(["{\"name\":\"a\",\"id\":7.0}", "rubbish", "{\"id\":8,\"amount\":1.50}"])
      let arguments = stage.arguments.filter { $0 != "--json" }
      let result = try run("netflix-consumer", arguments + ["--exit-at-end", "--dry-run", "--database", "postgresql://x@127.0.0.1:1/x"])
      #expect(result.status == 0, "\(result)")
      #expect(
        result.output == """
          0\t0\t{"id":7,"name":"a","amount":null}
          0\t2\t{"id":8,"name":null,"amount":1.50}

          """)
      #expect(result.errors.contains("partition 0, offset 1 would be rejected: not JSON"))
      #expect(try run("netflix-consumer", arguments + ["--exit-at-end", "--dry-run"]).output == result.output)
      #expect(try stage.value("SELECT count(*) FROM pg_class WHERE relname IN ('rows', 'netflix_offsets')") == "0")
      #expect(try stage.consume("--exit-at-end").output.number("received") == 3)
      #expect(try run("netflix-consumer", arguments + ["--exit-at-end", "--dry-run"]).output == "")
    }
  }

  @Test(arguments: [15, 2] as [Int32])
  func `a stopped follower lands its current batch, prints the summary, and ends with 0`(signal: Int32) throws {
    try PipelineFixture.on { stage in
      try stage.publish(0..<100)
      let follower = try stage.start()
      try follower.wait(until: "rows are there") { try stage.rows() == 100 }
      follower.signal(signal)
      let result = try follower.wait()
      #expect(result.status == 0, "\(result)")
      #expect(result.output.number("received") == 100 && result.output.number("landed") == 100)
    }
  }

  @Test(.requiresRealBroker, arguments: [(15, 143), (2, 130)] as [(Int32, Int32)])
  func `a run to the end that is stopped early ends with the status of the signal`(signal: Int32, status: Int32) throws {
    try PipelineFixture.on { stage in
      try stage.makeTopic(partitions: 1)
      let open = try KafkaProducer.open(
        KafkaConfiguration(bootstrapServers: stage.servers), topic: stage.topic, transactionalID: stage.topic)
      defer { open.close() }
      try open.initTransactions()
      try open.beginTransaction()
      try open.send(key: nil, value: "{\"id\":1}")
      while try !open.flush(timeout: .seconds(1)) {}
      let program = try stage.start("--exit-at-end")
      try program.wait(until: "it waits") { program.errors.contains("waiting for an open transaction") }
      program.signal(signal)
      let result = try program.wait()
      #expect(result.status == status && result.output.number("received") == 0, "\(result)")
      try open.abortTransaction()
    }
  }

  @Test func `a metrics address that cannot be used is an error of the caller, not a bug`() throws {
    try PipelineFixture.on { stage in
      let other = try SilentServer(.afterAccept)
      let taken = try stage.start("--metrics-port", String(other.port)).wait()
      #expect(
        taken
          == ProgramResult(
            status: 69,
            errors: """
              error: port \(other.port) on 127.0.0.1 is taken by another program
                Stop that program, or give another port (0: any that is free).

              """))
      let foreign = try stage.start("--metrics-port", "0", "--metrics-host", "192.0.2.1").wait()
      #expect(foreign.status == 64 && !foreign.errors.contains("bug"), "\(foreign)")
    }
  }

  @Test func `a follower serves metrics for Prometheus`() throws {
    try PipelineFixture.on { stage in
      try stage.publish(0..<50)
      try stage.publish(["rubbish"])
      let follower = try stage.start("--metrics-port", "0")
      func metrics() throws -> PrometheusText {
        let line = try #require(follower.errors.split(separator: "\n").first { $0.contains("metrics at http://") })
        let port = try #require(line.split(separator: ":").last.flatMap { Int($0.prefix { $0.isNumber }) })
        #expect(try httpGet("/healthz", port: port).status == 200)
        return try PrometheusText(try httpGet("/metrics", port: port).text)
      }
      try follower.wait(until: "it serves") { follower.errors.contains("metrics at") }
      try follower.wait(until: "it has landed") {
        let metrics = try metrics()
        return metrics.value("netflix_consumer_messages_total", #"outcome="landed""#) == 50
          && metrics.value("netflix_consumer_messages_total", #"outcome="rejected""#) == 1
          && metrics.value("netflix_consumer_lag_messages", #"topic="\#(stage.topic)",partition="0""#) == 0
      }
      let kinds = try metrics().families.mapValues(\.kind).filter { $0.key.hasPrefix("netflix_") }
      #expect(
        kinds == [
          "netflix_consumer_messages_total": "counter", "netflix_consumer_bytes_total": "counter",
          "netflix_consumer_batches_total": "counter", "netflix_consumer_retries_total": "counter",
          "netflix_consumer_stage_seconds_total": "counter", "netflix_consumer_lag_messages": "gauge", "netflix_build_info": "gauge",
        ])
      let seconds = try metrics()
      for stage in ["poll", "write"] {
        #expect(try #require(seconds.value("netflix_consumer_stage_seconds_total", "stage=\"\(stage)\"")) > 0, "\(stage)")
      }
      let version = try run("netflix-consumer", ["--version"]).output.split(separator: " ").last.map { $0.dropLast() }
      #expect(try metrics().value("netflix_build_info", "version=\"\(version ?? "")\"") == 1)
      follower.signal(15)
      #expect(try follower.wait().status == 0)
    }
  }

  @Test func `help contains examples`() throws {
    let result = try run("netflix-consumer", ["--help"])
    #expect(result.status == 0)
    for text in [
      "netflix-consumer --exit-at-end", "--tombstones", "NETFLIX_GROUP", "DATABASE_URL", "KAFKA_BOOTSTRAP_SERVERS", "EXIT STATUS",
    ] {
      #expect(result.output.contains(text), "\(text)")
    }
  }

  @Test(arguments: [
    ("NETFLIX_BATCH_SECONDS", "0"), ("NETFLIX_BATCH_ROWS", "0"), ("NETFLIX_TOPIC", "no topic"), ("NETFLIX_TOMBSTONES", "keep"),
    ("NETFLIX_RETRY_SECONDS", "soon"), ("NETFLIX_METRICS_PORT", "70000"), ("DATABASE_URL", "postgresql://%zz"),
  ])
  func `a bad value of the environment is 64 with the variable's name`(variable: String, value: String) throws {
    let result = try run(
      "netflix-consumer", ["--bootstrap-servers", "127.0.0.1:1"], environment: [variable: value], directory: TestProject.folder)
    #expect(result.status == 64 && result.errors.contains(variable), "\(result)")
  }

  /// A statement's trigger raises what a failing server would.
  @Test(arguments: [
    ("53100", "disk of the database server is full"), ("53200", "out of memory"), ("53300", "max_connections"),
    ("53400", "temp_file_limit"),
    ("58030", "cannot read or write its files"), ("57P01", "shutting down"), ("57P03", "starting up"), ("25006", "standby"),
  ])
  func `a server that cannot do its work is 69 with what to do about it`(code: String, hint: String) throws {
    try PipelineFixture.on { stage in
      try stage.publish(0..<1)
      #expect(try stage.consume("--exit-at-end").status == 0)
      try stage.query(
        "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no' USING ERRCODE = '\(code)'; END $$")
      try stage.query("CREATE TRIGGER fail BEFORE INSERT ON rows FOR EACH STATEMENT EXECUTE FUNCTION fail()")
      try stage.publish(1..<2)
      let result = try stage.consume("--exit-at-end", "--retry-seconds", "1")
      #expect(result.status == 69 && result.errors.contains(hint) && !result.errors.contains("Is Postgres running"), "\(result)")
    }
  }

  @Test func `a role without a connection left is 69 with what to do about it`() throws {
    try PipelineFixture.on { stage in
      let role = uniqueName("role")
      try stage.query("CREATE ROLE \(role) LOGIN CONNECTION LIMIT 0")
      defer { _ = try? stage.query("DROP ROLE \(role)") }
      let address = "\(stage.url)\(stage.url.contains("?") ? "&" : "?")user=\(role)"
      let result = try stage.consume("--exit-at-end", "--retry-seconds", "1", "--database", address)
      #expect(result.status == 69 && result.errors.contains("max_connections"), "\(result)")
    }
  }
}
