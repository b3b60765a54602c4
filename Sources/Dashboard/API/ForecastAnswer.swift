import Dataset
import Forecasting
import Foundation
import HTTP
import Warehouse

/// The answer of /api/forecast: the report of `netflix forecast --json` with what a page needs around it.
enum ForecastAnswer {
  static func make(_ question: ForecastRequest, _ edition: Edition) throws(HTTPProblem) -> String {
    let points = usable(edition.series(question.key)?.points ?? [], edition.rows.period)
    guard !points.isEmpty else { throw HTTPProblem(status: 404, detail: "The dataset has no values for this region and metric.") }
    let period = edition.rows.period
    let report: ForecastReport
    do throws(ForecastingError) {
      report = try ForecastReport(
        TimeSeries(points.map(\.value), period: period == .day ? 7 : period.perYear),
        name: "\(question.key.region.lowercased())_\(question.key.metric)", order: question.order, horizon: question.horizon,
        dates: ForecastDates.following(points.map(\.date.iso), count: question.horizon))
    } catch {
      throw HTTPProblem(status: 422, title: "No forecast", detail: error.description)
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let json = try? encoder.encode(report) else {
      throw HTTPProblem(status: 422, title: "No forecast", detail: "The forecast has values that are no numbers.")
    }
    let labels = (report.dates ?? []).map { Day(iso: $0)?.label(period) ?? $0 }
    let head = JSON.object([
      ("region", .string(question.key.region)), ("metric", .string(question.key.metric)),
      ("from", .text(points.first?.date.iso)), ("order", .string(report.model.order.description)),
      ("automatic", .bool(question.order == nil)), ("labels", .array(labels.map { .string($0) })),
    ])
    // The report is JSON already: it becomes the last member.
    return head.line.dropLast() + ",\"report\":" + String(decoding: json, as: UTF8.self) + "}\n"
  }

  /// The values since the last gap: a model needs one for every period.
  static func usable(_ points: [Series.Point], _ period: StarMapping.Period) -> [(date: Day, value: Double)] {
    var used: [(date: Day, value: Double)] = []
    for point in points.reversed() {
      guard let value = point.value else {
        if used.isEmpty { continue }
        break
      }
      if let next = used.last, next.date.index(period) != point.date.index(period) + 1 { break }
      used.append((point.date, value.double))
    }
    return used.reversed()
  }
}
