import Console
import Processes

/// The context of one case of the benchmark.
struct BenchCase {
  let files: BenchFiles
  let server: BenchServer
  let tools: Tools
  let rows: Int
  let runs: Int

  /// Runs both sides alternately, `runs` times; the first side changes with each round.
  func rounds(_ name: String, ours: (Int) throws -> ProcessResult, beside: (Int) throws -> ProcessResult) throws -> Comparison {
    var comparison = Comparison()
    for round in 0..<runs {
      let (first, second): (ProcessResult, ProcessResult)
      if round % 2 == 0 {
        first = try ours(round)
        second = try beside(round)
      } else {
        second = try beside(round)
        first = try ours(round)
      }
      comparison.add(ours: first, beside: second)
      Log().info("\(name), round \(round + 1) of \(runs): \(seconds(first.elapsed)) s beside \(seconds(second.elapsed)) s")
    }
    return comparison
  }

  /// The arguments of a producer.
  func producerArguments(_ csv: String, topic: String) -> [String] {
    [csv, "--dataset", files.keyed, "--bootstrap-servers", server.bootstrapServers, "--topic", topic, "--json", "-q"]
  }

  /// The arguments of a consumer.
  func consumerArguments(_ dataset: String, topic: String, table: String, group: String) -> [String] {
    [
      "--exit-at-end", "--dataset", dataset, "--bootstrap-servers", server.bootstrapServers, "--topic", topic, "--table", table, "--group",
      group, "--database", server.database, "--json", "-q",
    ]
  }

  /// A topic with the messages of a CSV.
  func filledTopic(_ csv: String, purpose: String) throws -> String {
    let topic = try server.topic(purpose)
    try tools.run(tools.producer, producerArguments(csv, topic: topic))
    return topic
  }
}

func seconds(_ duration: Duration) -> Double { (duration / .milliseconds(1)).rounded() / 1000 }
