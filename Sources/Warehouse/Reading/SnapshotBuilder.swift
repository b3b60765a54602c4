import Dataset

/// Collects facts into a ``Snapshot``. If the date is the key, the last row of each date counts, as in `netflix_raw`.
public struct SnapshotBuilder {
  private let resource: Resource
  private let star: StarMapping
  /// The dates so far, in the order in which they were added.
  public private(set) var dates: [Day] = []
  private var index: [Day: Int] = [:]
  private var units: [[[Int64?]]]
  private var places: [Int]
  /// Rows that were replaced by a later row of the same date.
  public private(set) var superseded = 0

  var regions: Range<Int> { star.regions.indices }
  var metrics: Range<Int> { star.metrics.indices }

  /// Creates a builder without rows.
  /// - Throws: `.layout` if the description has no star, or if its key has more columns than the date.
  public init(_ resource: Resource) throws(WarehouseError) {
    let star = try resource.requireStar()
    self.resource = resource
    self.star = star
    units = star.regions.map { _ in star.metrics.map { _ in [] } }
    places = star.metrics.map { $0.decimals ?? 0 }
  }

  /// Adds a row of the CSV. Throws `.data` for a value that does not fit, and `.data` or `.layout` for a second row of one date.
  public mutating func add(_ row: Row) throws(WarehouseError) {
    let date = row.cells[star.date]
    guard date.kind == .date else { throw WarehouseError(.data, "a row without a date") }
    let (at, isNew) = place(Day(date.payload))
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
  mutating func place(_ date: Day) -> (index: Int, isNew: Bool) {
    // Rows usually arrive in the order of their dates: compare the last one first.
    if dates.last == date { return (dates.count - 1, false) }
    if let known = index[date] { return (known, false) }
    index[date] = dates.count
    dates.append(date)
    for region in units.indices { for metric in units[region].indices { units[region][metric].append(nil) } }
    return (dates.count - 1, true)
  }

  mutating func set(_ date: Int, _ region: Int, _ metric: Int, _ value: FixedDecimal?) throws(WarehouseError) {
    guard let value else {
      units[region][metric][date] = nil
      return
    }
    if let same = value.rescaled(to: places[metric]) {
      units[region][metric][date] = same.unscaled
      return
    }
    // More decimal places than any value before: rescale all of the metric's values.
    let exact = value.trimmed
    guard exact.scale > places[metric] else { throw tooLarge(metric) }
    for region in units.indices {
      for date in units[region][metric].indices {
        guard let old = units[region][metric][date] else { continue }
        guard let new = FixedDecimal(unscaled: old, scale: places[metric]).rescaled(to: exact.scale) else { throw tooLarge(metric) }
        units[region][metric][date] = new.unscaled
      }
    }
    places[metric] = exact.scale
    units[region][metric][date] = exact.unscaled
  }

  /// The snapshot of all rows added so far.
  public func finish(origin: Provenance) -> Snapshot {
    let order = dates.indices.sorted { dates[$0] < dates[$1] }
    let isOrdered = order.elementsEqual(dates.indices)
    return Snapshot(
      dataset: resource.name, title: resource.title, period: star.period, regions: star.regions, metrics: star.metrics,
      dates: isOrdered ? dates : order.map { dates[$0] }, provenance: origin,
      units: isOrdered ? units : units.map { $0.map { column in order.map { column[$0] } } }, places: places)
  }

  private func tooLarge(_ metric: Int) -> WarehouseError {
    WarehouseError(.data, "a value of \(star.metrics[metric].name) has more digits than 64 bits hold")
  }
}
