extension BenchCase {
  /// Topic → committed with a key, into an empty table and into one with all rows, compared with the same SQL in psql from prepared text files.
  func upsert(_ table: inout ResultTable) throws {
    let topic = try filledTopic(try files.csv(rows: rows), purpose: "upsert")
    let model = server.table("upsert_model")
    try tools.run(tools.consumer, consumerArguments(files.keyed, topic: topic, table: model, group: server.name("upsert_model")))
    try expect(rows, in: model)
    let parts = try batches(of: model)
    try server.execute("TRUNCATE \(model)")

    var full = Comparison()
    let empty = try rounds("consumer, upsert into an empty table") { round in
      let name = server.table("upsert_ours_\(round)")
      let arguments = consumerArguments(files.keyed, topic: topic, table: name, group: server.name("upsert_\(round)"))
      return try tools.run(tools.consumer, arguments)
    } beside: { round in
      let name = server.table("upsert_psql_\(round)")
      try server.execute("CREATE TABLE \(name) (LIKE \(model) INCLUDING ALL)")
      return try server.psql(file: try script(into: name, model: model, parts: parts))
    }
    full = try rounds("consumer, upsert into a full table") { round in
      let name = server.name("upsert_ours_\(round)")
      let arguments = consumerArguments(files.keyed, topic: topic, table: name, group: server.name("upsert_again_\(round)"))
      let run = try tools.run(tools.consumer, arguments)
      try expect(rows, in: name)
      try server.drop(name)
      return run
    } beside: { round in
      let name = server.name("upsert_psql_\(round)")
      let run = try server.psql(file: try script(into: name, model: model, parts: parts))
      try expect(rows, in: name)
      try server.drop(name)
      return run
    }
    table.add("consumer, upsert into an empty table", empty, beside: "psql, same SQL", limit: 1.0)
    table.add("consumer, upsert into a full table", full, beside: "psql, same SQL", limit: 1.0)
    let small = try memoryAtTenThousand(files.keyed, purpose: "upsert_memory")
    table.addMemory("consumer, upsert", small: small, large: max(empty.peakMemory, full.peakMemory), rows: rows)
  }

  /// The table's rows as text files, one per batch, in the order of their messages.
  private func batches(of table: String) throws -> [String] {
    let text = files.folder + "/upsert.text"
    _ = try server.psql("\\copy (SELECT * FROM \(table) ORDER BY kafka_partition, kafka_offset) TO '\(text)'")
    try tools.run("split", ["-l", "50000", "-a", "4", "-d", text, text + "."])
    return (0..<(rows + 49_999) / 50_000).map { index in
      let number = String(index)
      return "\(text).\(String(repeating: "0", count: 4 - number.count))\(number)"
    }
  }

  /// The consumer's SQL for each batch, as a psql script.
  private func script(into table: String, model: String, parts: [String]) throws -> String {
    let columns = try server.query(
      "SELECT quote_ident(attname) FROM pg_attribute WHERE attrelid = '\(model)'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum"
    ).compactMap { $0[0] }
    let key = try server.query(
      """
      SELECT quote_ident(a.attname) FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
      WHERE i.indrelid = '\(model)'::regclass AND i.indisunique
      """
    ).compactMap { $0[0] }
    let list = columns.joined(separator: ", ")
    let keys = key.joined(separator: ", ")
    let set = columns.filter { !key.contains($0) }.map { "\($0) = EXCLUDED.\($0)" }.joined(separator: ", ")
    var script = "CREATE TEMP TABLE batch (LIKE \(table));\n"
    for part in parts {
      script += """
        BEGIN;
        \\copy batch FROM '\(part)'
        INSERT INTO \(table) (\(list)) SELECT \(list) FROM batch ORDER BY \(keys) ON CONFLICT (\(keys)) DO UPDATE SET \(set);
        TRUNCATE batch;
        COMMIT;

        """
    }
    let path = files.folder + "/upsert.sql"
    try files.write(path, script)
    return path
  }
}
