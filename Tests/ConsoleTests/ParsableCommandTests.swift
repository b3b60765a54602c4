import Testing

@testable import Console

@Suite("Command line")
struct ParsableCommandTests {
  /// The ``Sample`` command parsed from a command line.
  private func parse(_ words: String..., environment: [String: String] = [:]) throws -> Sample {
    guard case .run(let command) = try Sample.parse(words, environment: { environment[$0] }), let sample = command as? Sample else {
      throw CommandError(.internal, "no run")
    }
    return sample
  }

  private func failure(_ words: String..., environment: [String: String] = [:]) -> String? {
    do {
      _ = try Sample.parse(words, environment: { environment[$0] })
      return nil
    } catch {
      let failure = CommandError(error)
      return failure.code == .usage ? failure.message : "\(failure)"
    }
  }

  @Test func `absent options have their defaults`() throws {
    let sample = try parse("a.csv")
    #expect(sample.csv == "a.csv")
    #expect(sample.onBadRow == .stop)
    #expect(sample.batchRows == 50_000)
    #expect(sample.rejects == nil)
    #expect(sample.properties == [])
    #expect(!sample.dryRun)
    #expect(sample.kafka.bootstrapServers == "localhost:9092")
  }

  @Test func `a value is the next word, or follows an equals sign or a short option`() throws {
    let sample = try parse("--on-bad-row=skip", "--batch-rows", "7", "-Xa=b", "-X", "c=d=e", "--dry-run", "-vv", "-", "--rejects", "-")
    #expect(sample.csv == "-")
    #expect(sample.onBadRow == .skip)
    #expect(sample.batchRows == 7)
    #expect(sample.properties == ["a=b", "c=d=e"])
    #expect(sample.dryRun)
    #expect(sample.kafka.verbose == 2)
    #expect(sample.rejects == "-")
  }

  @Test func `of two values the last one counts`() throws {
    #expect(try parse("a", "--batch-rows", "7", "--batch-rows=8").batchRows == 8)
  }

  @Test func `any text may follow an equals sign`() throws {
    #expect(try parse("a", "--rejects=--x=y").rejects == "--x=y")
  }

  @Test(arguments: [["a", "--rejects", ""], ["a", "--rejects="], ["a", "-X", ""], ["a", "--bootstrap-servers", ""], [""], ["--", ""]])
  func `an empty value is a usage error that names the option`(words: [String]) {
    let error = #expect(throws: CommandError.self) { try Sample.parse(words, environment: { _ in nil }) }
    let name = words.first { $0.count > 2 || $0 == "-X" }.map { $0.prefix { $0 != "=" } } ?? "<csv>"
    #expect(
      error
        == CommandError(
          .usage, "\(name): the value is empty", hint: "Is a variable of the shell unset? 'sample --help' explains all options."))
  }

  @Test func `all words after two dashes are arguments`() throws {
    #expect(try parse("--", "--help").csv == "--help")
  }

  @Test func `the environment variable is used if the option is absent`() throws {
    #expect(try parse("a", environment: ["KAFKA_BOOTSTRAP_SERVERS": "k:1"]).kafka.bootstrapServers == "k:1")
    #expect(try parse("a", "--bootstrap-servers", "l:2", environment: ["KAFKA_BOOTSTRAP_SERVERS": "k:1"]).kafka.bootstrapServers == "l:2")
    #expect(try parse("a", environment: ["KAFKA_BOOTSTRAP_SERVERS": ""]).kafka.bootstrapServers == "localhost:9092")
  }

  @Test func `two instances do not share their values`() throws {
    _ = try parse("a", "--batch-rows", "7")
    #expect(try parse("a").batchRows == 50_000)
  }

  @Test func `usage errors have a message`() {
    #expect(failure() == "missing argument <csv>")
    #expect(failure("a", "b") == "unexpected argument 'b'")
    #expect(failure("a", "--rejects") == "--rejects needs a value (REJECTS)")
    #expect(failure("a", "--rejects", "--dry-run") == "--rejects needs a value (REJECTS)")
    #expect(failure("a", "--dry-run=yes") == "--dry-run takes no value")
    #expect(failure("a", "--batch-rows", "many") == "--batch-rows: 'many' is not a whole number")
    #expect(failure("a", "--batch-rows", "0") == "--batch-rows: '0' is not a whole number from 1 to 1000000")
    #expect(failure("a", "--batch-rows", "-1") == "--batch-rows: '-1' is not a whole number from 1 to 1000000")
    #expect(failure("a", "--on-bad-row", "explode") == "--on-bad-row: 'explode' is not one of stop, skip")
    #expect(failure("a", "--frobnicate") == "unknown option --frobnicate")
    #expect(failure("a", "-z") == "unknown option -z")
    #expect(failure("a", environment: ["KAFKA_BOOTSTRAP_SERVERS": "nowhere"]) == "no such place")
  }

  @Test(arguments: [
    ("--bach-rows", "--batch-rows"), ("--bootstrap", "--bootstrap-servers"), ("--dryrun", "--dry-run"), ("--hlep", "--help"),
  ])
  func `an unknown option is an error with a suggestion`(word: String, nearest: String) throws {
    let failure = #expect(throws: CommandError.self) { try parse("a", word) }
    #expect(failure?.hint == "Did you mean \(nearest)? 'sample --help' explains all options.")
  }

  @Test func `help and version are shown even if the command line is invalid`() throws {
    for words in [["--help"], ["-h"], ["--frobnicate", "--help"]] {
      guard case .show(let text) = try Sample.parse(words, environment: { _ in nil }) else {
        Issue.record("no help for \(words)")
        continue
      }
      #expect(text.hasPrefix("sample – Publish the rows of a CSV to a Kafka topic.\n"))
    }
    guard case .show(let version) = try Sample.parse(["--version"], environment: { _ in nil }) else {
      Issue.record("no version")
      return
    }
    #expect(version == "sample \(productVersion)\n")
  }

  @Test func `a value of the environment that is refused is named by its variable`() {
    #expect(
      failure("a", environment: ["KAFKA_BOOTSTRAP_SERVERS": "down"])
        == "--bootstrap-servers are down (--bootstrap-servers is set by the environment variable KAFKA_BOOTSTRAP_SERVERS)")
    #expect(failure("a", "--bootstrap-servers", "down", environment: ["KAFKA_BOOTSTRAP_SERVERS": "l:2"]) == "--bootstrap-servers are down")
  }
}
