extension BenchCase {
  /// CSV → acknowledged, compared with `kcat -P -l` of prepared messages.
  func producer(_ table: inout ResultTable) throws {
    let csv = try files.csv(rows: rows)
    let messages = try files.messages(of: csv)
    // Each run has its own topic: a second run into the same topic would find warmer files.
    let comparison = try rounds("producer") { round in
      let topic = try server.topic("ours_\(round)")
      defer { try? server.delete(topic: topic) }
      return try tools.run(tools.producer, producerArguments(csv, topic: topic))
    } beside: { round in
      let topic = try server.topic("kcat_\(round)")
      defer { try? server.delete(topic: topic) }
      return try tools.run("kcat", ["-P", "-q", "-b", server.bootstrapServers, "-t", topic, "-K", "\\t", "-l", messages])
    }
    table.add("producer, CSV ▶ acknowledged", comparison, beside: "kcat -P -l", limit: 1.25)

    let small = try files.csv(rows: 10_000)
    let topic = try server.topic("memory")
    let memory = try tools.run(tools.producer, producerArguments(small, topic: topic))
    table.addMemory("producer", small: memory.peakMemory, large: comparison.peakMemory, rows: rows)
  }

  /// The 21 rows of the repository: the start of the program is nearly all the work.
  func small(_ table: inout ResultTable) throws {
    let csv = try files.csv(rows: 21)
    let messages = try files.messages(of: csv)
    let topic = try server.topic("small")
    let comparison = try rounds("21 rows") { _ in
      try tools.run(tools.producer, producerArguments(csv, topic: topic))
    } beside: { _ in
      try tools.run("kcat", ["-P", "-q", "-b", server.bootstrapServers, "-t", topic, "-K", "\\t", "-l", messages])
    }
    table.add("producer, 21 rows", comparison, beside: "kcat -P -l", limit: 1.5)
  }
}
