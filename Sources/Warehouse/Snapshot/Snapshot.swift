import Dataset
import Glibc
import Postgres
import SQLite
import Support

/// All facts of a dataset at one point in time, in memory: the input of analysis, checks and the dashboard.
///
/// Its content does not depend on the source: the CSV, the landed rows, or a warehouse in Postgres or SQLite.
package struct Snapshot: Sendable, Equatable {
  /// The resource's name in the description.
  package let dataset: String
  /// The resource's title in the description.
  package let title: String?
  /// The interval between dates.
  package let period: StarMapping.Period
  /// The regions of the star mapping.
  package let regions: [StarMapping.Region]
  /// The metrics of the star mapping.
  package let metrics: [StarMapping.Metric]
  /// Ascending, without duplicates.
  package let dates: [Day]
  /// Where the facts were read from.
  package let provenance: Provenance
  /// By region, metric and date: the value × 10^places; nil if the source has none.
  let unscaledValues: [[[Int64?]]]
  /// For each metric the decimal places of `units`.
  let scales: [Int]

  /// The value of a metric in a region at a date, all by index; nil if the source has none.
  package func value(region: Int, metric: Int, date: Int) -> FixedDecimal? {
    unscaledValues[region][metric][date].map { FixedDecimal(unscaled: $0, scale: scales[metric]) }
  }

  /// A series by names; nil if there is no such region or metric, or the source has no such column.
  package func series(region: String, metric: String) -> Series? {
    guard let region = regions.firstIndex(where: { $0.name == region }), let metric = metrics.firstIndex(where: { $0.name == metric })
    else {
      return nil
    }
    return series(region: region, metric: metric)
  }

  /// A series by indexes; nil if the source has no such column.
  package func series(region: Int, metric: Int) -> Series? {
    guard regions[region].fields[metric] != nil else { return nil }
    let points = dates.indices.map { Series.Observation(date: dates[$0], value: value(region: region, metric: metric, date: $0)) }
    return Series(region: regions[region], metric: metrics[metric], period: period, points: points)
  }

  /// Index of the region that is the total of all others, if there is one.
  package var total: Int? { regions.firstIndex { $0.isTotal } }
}

extension Snapshot {
  /// Reads the landed rows, transformed by the same SQL as in `netflix etl`.
  /// - Parameter table: the table of landed rows, such as `netflix_raw`.
  /// - Throws: `WarehouseError` if the table or a column is missing or a value does not fit; `PostgresError`.
  package init(landedIn connection: PostgresConnection, table: String, resource: Resource) throws {
    let session = PostgresSession(connection: connection)
    let sql = try StarSQL(session, resource)
    self = try connection.transaction(begin: "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY") { connection in
      let quoted = try RawTable.requireTable(table, connection)
      var builder = try SnapshotBuilder(resource)
      let rows = "(\(try RawTable.rows(table, sql, connection))) landed"
      try connection.forEachRow("SELECT * FROM (\n\(try sql.unpivot(from: rows))\n) f ORDER BY date, region_id") { row in
        try builder.add(PostgresFactRow(row))
      }
      let latest = try connection.query(
        "SELECT count(*), to_char(max(landed_at), 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') FROM \(quoted)"
      ).rows.first
      return builder.finish(
        provenance: Provenance(
          kind: .landed, location: "\(connection.endpoint) \(table)", rows: latest?.first.flatMap { $0 }.flatMap { Int($0) } ?? 0,
          time: latest?.last ?? nil))
    }
  }

  /// Reads the warehouse that `netflix etl --to postgres` created.
  ///
  /// - Throws: `WarehouseError` if there is no warehouse of this dataset; `PostgresError`.
  package init(warehouse connection: PostgresConnection, resource: Resource) throws {
    let session = PostgresSession(connection: connection)
    let sql = try StarSQL(session, resource)
    self = try connection.transaction(begin: "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY") { connection in
      let source = try sql.source(session, location: connection.endpoint)
      var builder = try SnapshotBuilder(resource)
      try connection.forEachRow(try sql.facts()) { row in try builder.add(PostgresFactRow(row)) }
      return builder.finish(provenance: source)
    }
  }

  /// Reads the warehouse that `netflix etl --to sqlite` created.
  ///
  /// - Throws: `WarehouseError` if there is no warehouse of this dataset; `SQLiteError`.
  package init(warehouse database: SQLiteDatabase, resource: Resource) throws {
    let session = SQLiteSession(database: database)
    let sql = try StarSQL(session, resource)
    self = try database.transaction("BEGIN") {
      var source = try sql.source(session, location: database.file)
      // The file stores no time, so that its dump is the same after each run: use the file system's modification time.
      source = Provenance(kind: source.kind, location: source.location, rows: source.rows, time: Self.modified(database.file))
      var builder = try SnapshotBuilder(resource)
      let statement = try database.prepare(try sql.facts())
      while try statement.step() { try builder.add(SQLiteFactRow(statement, sql.star)) }
      return builder.finish(provenance: source)
    }
  }

  private static func modified(_ file: String) -> String? {
    var status = stat()
    guard stat(file, &status) == 0 else { return nil }
    var parts = tm()
    var seconds = status.st_mtim.tv_sec
    gmtime_r(&seconds, &parts)
    var text = [CChar](repeating: 0, count: 32)
    let count = strftime(&text, text.count, "%Y-%m-%dT%H:%M:%SZ", &parts)
    return String(decoding: text.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

extension StarSQL {
  /// The command that creates the missing warehouse in `location`.
  private static func makeIt(_ dialect: SQLDialect, location: String) -> String {
    dialect == .sqlite ? "make it: netflix etl --sqlite \(location)" : "make it: netflix etl --to postgres"
  }

  func facts() throws -> String {
    let metrics = try star.metrics.map { "f.\(try factColumn($0))" }.joined(separator: ", ")
    return "SELECT date, region_id, \(metrics) FROM \(try fact) f JOIN dim_date USING (date_id) ORDER BY date_id, region_id"
  }

  /// The source of the warehouse's rows. Throws if there is no warehouse, or if it was made from another description.
  func source(_ session: some SQLSession, location: String) throws -> Provenance {
    let hint = Self.makeIt(dialect, location: location)
    guard try WarehouseTables.exists("etl_source", in: session) else {
      throw WarehouseError(.missing, "\(location) has no warehouse", hint: hint)
    }
    let time = dialect == .postgres ? "to_char(loaded_at, 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')" : "NULL"
    let row = try session.row("SELECT source, place, source_rows, layout, \(time), dataset FROM etl_source") ?? []
    if row.count == 6, let dataset = row[5], dataset != resource.name {
      throw WarehouseError(
        .layout, "the warehouse in \(location) belongs to the dataset \"\(dataset)\", not to \"\(resource.name)\"",
        hint: dialect == .sqlite
          ? "name the file of this one (--sqlite FILE), or the description of that one (--dataset FILE)"
          : "name the database or schema of this one, or the description of that one (--dataset FILE)")
    }
    guard row.count == 6, row[3] == (try WarehouseTables(session: session, sql: self).layout) else {
      throw WarehouseError(.layout, "the warehouse in \(location) was made from another description", hint: hint)
    }
    return Provenance(
      kind: row[0].flatMap(Provenance.Kind.init(rawValue:)) ?? .csv, location: row[1] ?? "", rows: row[2].flatMap { Int($0) } ?? 0,
      time: row[4])
  }
}

/// Collects facts into a ``Snapshot``. If the date is the key, the last row of each date counts, as in `netflix_raw`.
package struct SnapshotBuilder {
  private let resource: Resource
  private let star: StarMapping
  /// The dates so far, in the order in which they were added.
  package private(set) var dates: [Day] = []
  private var index: [Day: Int] = [:]
  private var unscaledValues: [[[Int64?]]]
  private var scales: [Int]
  /// Rows that were replaced by a later row of the same date.
  package private(set) var superseded = 0

  var regions: Range<Int> { star.regions.indices }
  var metrics: Range<Int> { star.metrics.indices }

  /// Creates a builder without rows.
  /// - Throws: `.layout` if the description has no star, or if its key has more columns than the date.
  package init(_ resource: Resource) throws(WarehouseError) {
    let star = try resource.requireStar()
    self.resource = resource
    self.star = star
    unscaledValues = star.regions.map { _ in star.metrics.map { _ in [] } }
    scales = star.metrics.map { $0.decimals ?? 0 }
  }

  /// Adds a row of the CSV. Throws `.data` for a value that does not fit, and `.data` or `.layout` for a second row of one date.
  package mutating func add(_ row: Row) throws(WarehouseError) {
    let date = row.cells[star.date]
    guard date.kind == .date else { throw WarehouseError(.data, "a row without a date") }
    let (at, isNew) = insertDate(Day(date.payload))
    if !isNew {
      guard resource.isKeyedByDate else { throw resource.severalRows(Day(date.payload).iso) }
      superseded += 1
    }
    for (region, mapped) in star.regions.enumerated() {
      for (metric, field) in mapped.fields.enumerated() {
        let value = if let field { try FixedDecimal.of(row.cells[field], in: row) } else { FixedDecimal?.none }
        try set(at, region, metric, value)
      }
    }
  }

  /// The index of a date, and whether it was new.
  mutating func insertDate(_ date: Day) -> (index: Int, isNew: Bool) {
    // Rows usually arrive in the order of their dates: compare the last one first.
    if dates.last == date { return (dates.count - 1, false) }
    if let known = index[date] { return (known, false) }
    index[date] = dates.count
    dates.append(date)
    for region in unscaledValues.indices { for metric in unscaledValues[region].indices { unscaledValues[region][metric].append(nil) } }
    return (dates.count - 1, true)
  }

  mutating func set(_ date: Int, _ region: Int, _ metric: Int, _ value: FixedDecimal?) throws(WarehouseError) {
    guard let value else {
      unscaledValues[region][metric][date] = nil
      return
    }
    if let same = value.rescaled(to: scales[metric]) {
      unscaledValues[region][metric][date] = same.unscaled
      return
    }
    // More decimal places than any value before: rescale all of the metric's values.
    let exact = value.trimmed
    guard exact.scale > scales[metric] else { throw tooLarge(metric) }
    for region in unscaledValues.indices {
      for date in unscaledValues[region][metric].indices {
        guard let old = unscaledValues[region][metric][date] else { continue }
        guard let new = FixedDecimal(unscaled: old, scale: scales[metric]).rescaled(to: exact.scale) else { throw tooLarge(metric) }
        unscaledValues[region][metric][date] = new.unscaled
      }
    }
    scales[metric] = exact.scale
    unscaledValues[region][metric][date] = exact.unscaled
  }

  /// The snapshot of all rows added so far.
  package func finish(provenance: Provenance) -> Snapshot {
    let order = dates.indices.sorted { dates[$0] < dates[$1] }
    let isOrdered = order.elementsEqual(dates.indices)
    return Snapshot(
      dataset: resource.name, title: resource.title, period: star.period, regions: star.regions, metrics: star.metrics,
      dates: isOrdered ? dates : order.map { dates[$0] }, provenance: provenance,
      unscaledValues: isOrdered ? unscaledValues : unscaledValues.map { $0.map { column in order.map { column[$0] } } }, scales: scales)
  }

  private func tooLarge(_ metric: Int) -> WarehouseError {
    WarehouseError(.data, "a value of \(star.metrics[metric].name) has more digits than 64 bits hold")
  }
}

/// A fact row of a database: date, region_id (from 1), one value per metric.
protocol FactRow {
  var date: Day? { get }
  var region: Int? { get }
  /// The value of a metric; nil for NULL. Throws `.data` if it is not a number, or does not fit 64 bits.
  func value(metric: Int) throws(WarehouseError) -> FixedDecimal?
}

struct PostgresFactRow: FactRow {
  let row: PostgresRowView
  init(_ row: PostgresRowView) { self.row = row }
  var date: Day? { row[0].flatMap(Day.init(iso:)) }
  var region: Int? { row[1].flatMap { Int($0) }.map { $0 - 1 } }

  func value(metric: Int) throws(WarehouseError) -> FixedDecimal? {
    guard let bytes = row.bytes(metric + 2) else { return nil }
    guard let amount = FixedDecimal(bytes) else {
      throw WarehouseError(.data, "\(row[0] ?? ""): \(String(decoding: bytes, as: UTF8.self)) does not fit a fact")
    }
    return amount
  }
}

struct SQLiteFactRow: FactRow {
  let statement: SQLiteStatement
  let star: StarMapping
  init(_ statement: SQLiteStatement, _ star: StarMapping) {
    self.statement = statement
    self.star = star
  }
  var date: Day? { statement.text(0).flatMap(Day.init(iso:)) }
  var region: Int? { Int(statement.integer(1)) - 1 }

  func value(metric: Int) -> FixedDecimal? {
    statement.isNull(metric + 2) ? nil : FixedDecimal(unscaled: statement.integer(metric + 2), scale: star.metrics[metric].decimals ?? 0)
  }
}

extension SnapshotBuilder {
  mutating func add(_ fact: some FactRow) throws(WarehouseError) {
    guard let date = fact.date, let region = fact.region, regions.contains(region) else {
      throw WarehouseError(.data, "a fact without a date of the years 1 to 9999 or a region")
    }
    let at = insertDate(date).index
    for metric in metrics { try set(at, region, metric, fact.value(metric: metric)) }
  }
}

/// The source of rows, and their time.
package struct Provenance: Sendable, Equatable {
  /// The kinds of sources.
  package enum Kind: String, Sendable, Equatable {
    case csv
    /// Rows landed by netflix-consumer.
    case landed = "postgres"
  }

  /// The kind of the source.
  package let kind: Kind
  /// A file, or `user@host:port/database table`; never a password.
  package let location: String
  /// Rows read.
  package let rows: Int
  /// The time of the data in ISO 8601, UTC: the last change of the warehouse, or the landing of the newest row; nil if unknown.
  package let time: String?

  /// Creates a provenance; the parameters are the properties above.
  package init(kind: Kind, location: String, rows: Int, time: String? = nil) {
    self.kind = kind
    self.location = location
    self.rows = rows
    self.time = time
  }
}
