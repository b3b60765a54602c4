import Console

extension BenchCase {
  /// Topic → committed without a key, compared with psql's \copy of the same rows and lineage columns, from a prepared text file, into an
  /// identical table.
  func append(_ table: inout ResultTable) throws {
    let topic = try filledTopic(try files.csv(rows: rows), purpose: "append")
    // The first run is not timed: it creates the model table and the text file.
    let model = server.table("append_model")
    try tools.run(tools.consumer, consumerArguments(files.keyless, topic: topic, table: model, group: server.name("append_model")))
    try expect(rows, in: model)
    let text = files.folder + "/append.text"
    _ = try server.psql("\\copy \(model) TO '\(text)'")
    try server.execute("TRUNCATE \(model)")

    let comparison = try rounds("consumer, append") { round in
      let name = server.table("append_ours_\(round)")
      let arguments = consumerArguments(files.keyless, topic: topic, table: name, group: server.name("append_\(round)"))
      let run = try tools.run(tools.consumer, arguments)
      try expect(rows, in: name)
      try server.drop(name)
      return run
    } beside: { round in
      let name = server.table("append_psql_\(round)")
      try server.execute("CREATE TABLE \(name) (LIKE \(model) INCLUDING ALL)")
      let run = try server.psql("\\copy \(name) FROM '\(text)'")
      try server.drop(name)
      return run
    }
    table.add("consumer, append, topic ▶ committed", comparison, beside: "psql \\copy", limit: 1.0)
    let small = try memoryAtTenThousand(files.keyless, purpose: "append_memory")
    table.addMemory("consumer, append", small: small, large: comparison.peakMemory, rows: rows)
  }

  /// The peak memory of a consumer of ten thousand rows, in bytes.
  func memoryAtTenThousand(_ dataset: String, purpose: String) throws -> Int {
    let topic = try filledTopic(try files.csv(rows: 10_000), purpose: purpose)
    let arguments = consumerArguments(dataset, topic: topic, table: server.table(purpose), group: server.name(purpose))
    return try tools.run(tools.consumer, arguments).peakMemory
  }

  func expect(_ rows: Int, in table: String) throws {
    let count = try server.query("SELECT count(*) FROM \(table)").first?.first ?? nil
    guard count == String(rows) else { throw CommandError(.internal, "\(table) has \(count ?? "no") rows, not \(rows)") }
  }
}
