import Warehouse

/// Series as CSV (RFC 4180), one row per value, with the digits of the source. A missing value has no row.
enum SeriesCSV {
  static func make(_ keys: [SeriesKey], _ edition: DatasetVersion) -> [UInt8] {
    var out = "date,region,metric,unit,value\r\n"
    for key in keys {
      guard let series = edition.series(key) else { continue }
      let names = [key.region, key.metric, series.metric.unit ?? ""].map(field).joined(separator: ",")
      for point in series.points {
        guard let value = point.value else { continue }
        out += "\(point.date.iso),\(names),\(value.text)\r\n"
      }
    }
    return Array(out.utf8)
  }

  /// Text that a spreadsheet would read as a formula gets a leading apostrophe.
  static func field(_ text: String) -> String {
    let safe = text.safeCell
    guard safe.unicodeScalars.contains(where: { ",\"\r\n".unicodeScalars.contains($0) }) else { return safe }
    return "\"" + safe.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
  }
}
