import Dataset
import Postgres
import SQLite

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
    let at = place(date).index
    for metric in metrics { try set(at, region, metric, fact.value(metric: metric)) }
  }
}
